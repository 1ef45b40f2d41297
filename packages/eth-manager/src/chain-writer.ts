/** A block by both its names. */
export interface BlockRef {
  readonly number: number
  /** 32 bytes. */
  readonly hash: Uint8Array
}

/** A header as bytes, with what is known about it. */
export interface RawHeader extends BlockRef {
  /** RLP. */
  readonly header: Uint8Array
}

/** A block that was checked against its header, ready to be stored; all bytes as they came. */
export interface VerifiedBlock extends RawHeader {
  /** RLP: `[transactions, ommers, withdrawals?]`. */
  readonly body: Uint8Array
  /** RLP list in eth/69 form. Absent when receipts are not kept, or could not be had. */
  readonly receipts?: Uint8Array | undefined
  /** Why the receipts could not be had. */
  readonly receiptsUnavailable?: string | undefined
}

/** A block whose receipts nobody could deliver yet, and why. */
export interface UnavailableReceipts extends BlockRef {
  readonly reason: string
}

/** Headers from a head downwards that are stored, but not yet filled with bodies. */
export interface SkeletonState {
  readonly head: BlockRef
  /** The lowest number that is there. */
  readonly tail: number
  /** The hash that the header before the tail must have. */
  readonly parentHash: Uint8Array
}

/**
 * Where a synchroniser puts what it has verified; `@ethwire/chain-store` is one. Each write is atomic: after a crash at
 * any moment it has happened whole or not at all.
 */
export interface ChainWriter {
  /** The last block of the canonical chain, at least the genesis. */
  head(): BlockRef
  /** Of the canonical chain. */
  hashByNumber(number: number): Promise<Uint8Array | undefined>
  /** Of the canonical chain. */
  numberByHash(hash: Uint8Array): Promise<number | undefined>
  /** Of the canonical chain; RLP. */
  headerByNumber(number: number): Promise<Uint8Array | undefined>
  /** Appends blocks that follow the head. Skeleton headers that are filled so are removed. */
  append(blocks: readonly VerifiedBlock[]): Promise<void>
  /** Removes all blocks above a number, which becomes the head. */
  rewind(toNumber: number): Promise<void>

  /** Blocks whose receipts are marked as unavailable, from the lowest number on. */
  unavailableReceipts(limit: number): Promise<readonly UnavailableReceipts[]>
  /** Stores receipts that come after their block, and takes the mark away. */
  putReceipts(receipts: readonly (BlockRef & { readonly receipts: Uint8Array })[]): Promise<void>

  /** The skeleton of a sync in progress; survives a restart. */
  skeleton(): SkeletonState | undefined
  /** Begins a new skeleton at a head; one that is there already is dropped. */
  startSkeleton(head: RawHeader): Promise<void>
  /** Adds headers in falling order, the first being the parent of the tail. */
  extendSkeleton(headers: readonly RawHeader[]): Promise<void>
  /** Headers of `from`, `from + 1`, …, at most `count`, up to the skeleton's head. */
  skeletonHeaders(from: number, count: number): Promise<readonly RawHeader[]>
  dropSkeleton(): Promise<void>
}
