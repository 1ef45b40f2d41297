/** A block by both its names. */
export interface BlockRef {
  readonly number: number
  readonly hash: Uint8Array
}

/** The highest block that is stored with its body. */
export interface ChainHead extends BlockRef {
  /** Seconds since 1970. */
  readonly timestamp: bigint
}

/** A header as bytes, with what is known about it. */
export interface StoredHeader extends BlockRef {
  readonly header: Uint8Array
}

/** A block to store. Its bytes are taken over as they are and must have been verified. */
export interface StoredBlock extends StoredHeader {
  /** RLP `[transactions, ommers, withdrawals?]`. */
  readonly body: Uint8Array
  /** RLP list in eth/69 form; absent if receipts are not kept. */
  readonly receipts?: Uint8Array | undefined
  /** Why the receipts could not be had; they are listed for another try. Not together with `receipts`. */
  readonly receiptsUnavailable?: string | undefined
}

/** Receipts that come after their block. */
export interface LateReceipts extends BlockRef {
  readonly receipts: Uint8Array
}

/** A block whose receipts could not be had, and why. */
export interface UnavailableReceipts extends BlockRef {
  readonly reason: string
}

/**
 * A chain of headers that was downloaded from a trusted head backwards and is not filled with bodies yet. Its headers
 * from `tail` to `head` are stored; the one before the tail must have `parentHash`.
 */
export interface Skeleton {
  readonly head: BlockRef
  /** The lowest number that is there; it rises as blocks are appended. */
  readonly tail: number
  readonly parentHash: Uint8Array
}

/** Reading the canonical chain. Everything is the bytes that came in; who reads must not change them. */
export interface ChainStoreReader {
  readonly genesisHash: Uint8Array
  head(): ChainHead
  /** Calls `listener`, which must not throw, after each write that moved the head; returns what ends that. */
  onHead(listener: () => void): () => void
  /** The lowest one. */
  earliest(): number
  hashByNumber(number: number): Promise<Uint8Array | undefined>
  numberByHash(hash: Uint8Array): Promise<number | undefined>
  headerByNumber(number: number): Promise<Uint8Array | undefined>
  headerByHash(hash: Uint8Array): Promise<Uint8Array | undefined>
  bodyByHash(hash: Uint8Array): Promise<Uint8Array | undefined>
  receiptsByHash(hash: Uint8Array): Promise<Uint8Array | undefined>
  /**
   * Headers of `from`, `from + step`, … (`step` may be negative, not 0), at most `count`, up to the first that is not
   * stored. One read.
   */
  headerRange(from: number, count: number, step?: number): Promise<Uint8Array[]>
  /** Hashes of `from`, `from + 1`, …, at most `count`, up to the head. One read. */
  hashRange(from: number, count: number): Promise<Uint8Array[]>
  /** In the order of the hashes, undefined for what is not stored. Two reads however many there are. */
  headers(hashes: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  bodies(hashes: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  receipts(hashes: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
}

/** Writing the canonical chain. Each call is one atomic batch; calls are done one after the other. */
export interface ChainStoreWriter {
  /**
   * Appends blocks that follow the head and moves it. Skeleton headers that are filled so are removed.
   * @throws ChainStoreError `STORE_NOT_LINKED`, `STORE_CLOSED`
   */
  append(blocks: readonly StoredBlock[]): Promise<void>
  /** Removes all blocks above a number. In batches from the top, so that a crash leaves a shorter chain, never a gap. */
  rewind(toNumber: number): Promise<void>
  /** Stores receipts of blocks that are there. @throws ChainStoreError `STORE_UNKNOWN_BLOCK` */
  putReceipts(receipts: readonly LateReceipts[]): Promise<void>
  /** @throws ChainStoreError `STORE_UNKNOWN_BLOCK` */
  markReceiptsUnavailable(receipts: UnavailableReceipts): Promise<void>
  /** Why a block's receipts could not be had; undefined if it is not marked so. */
  receiptsUnavailableReason(hash: Uint8Array): Promise<string | undefined>
  /** Blocks marked so, from the lowest number on. */
  unavailableReceipts(limit: number): Promise<UnavailableReceipts[]>
  /** Which of the blocks `from`, `from + 1`, …, `count` at most, have no receipts stored. */
  missingReceipts(from: number, count: number): Promise<number[]>
}

/** The area for a sync in progress. It survives a restart. */
export interface SkeletonStore {
  skeleton(): Skeleton | undefined
  /** Begins a new skeleton at a trusted head; one that is there already is dropped. */
  startSkeleton(head: StoredHeader): Promise<void>
  /**
   * Adds headers in falling order, the first being the parent of the tail.
   * @throws ChainStoreError `STORE_NOT_LINKED`
   */
  extendSkeleton(headers: readonly StoredHeader[]): Promise<void>
  /** Headers of `from`, `from + 1`, …, at most `count`, in rising order up to the skeleton's head. */
  skeletonHeaders(from: number, count: number): Promise<StoredHeader[]>
  dropSkeleton(): Promise<void>
}

export interface ChainStore extends ChainStoreReader, ChainStoreWriter, SkeletonStore {
  /** Waits for writes that have begun and refuses new ones. The database stays open: who opened it closes it. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
