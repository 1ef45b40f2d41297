/** A block that was checked against its header, ready to be stored; all bytes as they came from the wire. */
export interface VerifiedBlock {
  readonly number: number
  /** 32 bytes. */
  readonly hash: Uint8Array
  /** RLP. */
  readonly header: Uint8Array
  /** RLP: `[transactions, ommers, withdrawals?]`. */
  readonly body: Uint8Array
  /**
   * RLP in eth/69 form: the list of the block's receipts. Absent when receipts are not kept; a reason when nobody could
   * deliver them.
   */
  readonly receipts?: Uint8Array | { readonly unavailable: string }
}

/** A place in the chain. */
export interface BlockId {
  readonly number: number
  /** 32 bytes. */
  readonly hash: Uint8Array
}

/** A block whose receipts nobody could deliver yet, and why. */
export interface UnavailableReceipts extends BlockId {
  readonly reason: string
}

/**
 * A piece of the skeleton: headers that are linked to the head being synced to, but not yet to what is stored. They lie
 * apart from the chain, and nobody is served from them.
 */
export interface SkeletonSegment {
  /** Number and hash of the last header in it. */
  readonly number: number
  readonly hash: Uint8Array
  /** RLP, ascending, each the parent of the next; at least one. */
  readonly headers: readonly Uint8Array[]
}

/** What the skeleton leads to and how far down it reaches; segments cover `tailNumber … head.number` without a gap. */
export interface SkeletonState {
  readonly head: BlockId
  /** The lowest header that is linked. */
  readonly tailNumber: number
  /** Its parent's hash, 32 bytes. */
  readonly tailParentHash: Uint8Array
}

/**
 * Where a synchroniser puts what it has verified; `@ethwire/chain-store` has one. Each write is atomic: after a crash at
 * any moment it has happened whole or not at all. Calls come one after the other.
 */
export interface ChainWriter {
  /** The last block of the canonical chain, at least the genesis. */
  head(): Promise<BlockId> | BlockId
  /** The hash of the canonical block with this number. */
  canonicalHash(number: number): Promise<Uint8Array | undefined>
  /** The header (RLP) of the canonical block with this number. */
  canonicalHeader(number: number): Promise<Uint8Array | undefined>
  /** Appends blocks to the canonical chain: the first follows the head, each of the others the one before it. */
  append(blocks: readonly VerifiedBlock[]): Promise<void>
  /** Takes back all canonical blocks above `number`, which becomes the head. */
  rewind(number: number): Promise<void>

  /** Blocks of the canonical chain whose receipts are marked as unavailable, ascending, at most `limit`. */
  unavailableReceipts(limit: number): Promise<readonly UnavailableReceipts[]>
  /** Stores receipts that came later, and takes the mark away. */
  putReceipts(block: BlockId, receipts: Uint8Array): Promise<void>

  skeleton(): Promise<SkeletonState | undefined>
  /** Adds a segment below the present tail, or the first of a new skeleton, with the state that follows from it. */
  putSkeletonSegment(segment: SkeletonSegment, state: SkeletonState): Promise<void>
  /** The segment that contains the header with this number. */
  skeletonSegment(number: number): Promise<SkeletonSegment | undefined>
  /** Drops all segments that end at `upTo` or below; with `Infinity` the state, too. */
  dropSkeleton(upTo: number): Promise<void>
}
