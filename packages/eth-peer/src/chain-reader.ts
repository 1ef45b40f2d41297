import type { ChainConfig, ForkIdGenesis } from '@ethwire/chain'

/** The highest block that is there with its body. */
export interface ChainHead {
  readonly number: number
  /** 32 bytes. */
  readonly hash: Uint8Array
  /** Seconds since 1970. */
  readonly timestamp: bigint
}

/**
 * What the eth protocol reads of a chain. Everything comes as the bytes that are stored and is sent without being
 * decoded. What is not there is `undefined`; a rejection ends the peer that asked.
 */
export interface ChainReader {
  head(): ChainHead
  /** The lowest block that is there with its body. */
  earliest(): number
  /** The hash of the canonical block with this number. */
  hashByNumber(number: number): Promise<Uint8Array | undefined>
  /** Any header that is known, canonical or not. */
  headerByHash(hash: Uint8Array): Promise<Uint8Array | undefined>
  /** Canonical headers of `from`, `from + step`, …, at most `count`, up to the first that is not there. */
  headerRange(from: number, count: number, step: number): Promise<readonly Uint8Array[]>
  /** `[transactions, ommers, withdrawals?]` of each, in the order of the hashes. */
  bodies(hashes: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Of each a list of `[type, status or root, cumulative gas, logs]`, as eth/69 gives them. */
  receipts(hashes: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Calls `listener` whenever the head has changed; returns what ends that. Without it no range updates are sent. */
  onHead?(listener: () => void): () => void
}

/** What tells the forks of a chain, and which of them it has passed. */
export interface ForkContext {
  readonly config: ChainConfig
  /** The genesis block: its hash, 32 bytes, and its time in seconds since 1970. */
  readonly genesis: ForkIdGenesis
  readonly chain: Pick<ChainReader, 'head'>
}

/** What the eth protocol reads of a transaction pool. */
export interface TransactionPoolReader {
  /** A transaction as it stands in a list of transactions: an RLP list, or a byte string around an envelope. */
  transaction(hash: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>
}
