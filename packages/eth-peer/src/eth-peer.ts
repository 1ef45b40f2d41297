import type { Header } from '@ethwire/chain'
import type { RemotePeer } from '@ethwire/protocol'
import type { Announcement, BlockRange, Status } from './messages.ts'

/** A header with its hash and the bytes it came as. */
export interface ReceivedHeader {
  readonly header: Header
  /** Keccak-256 of `raw`, 32 bytes. */
  readonly hash: Uint8Array
  /** The header's RLP; a view into the answer. */
  readonly raw: Uint8Array
}

/** Which headers are asked for. */
export interface HeadersQuery {
  /** A block number, or a block hash of 32 bytes. */
  readonly start: number | bigint | Uint8Array
  /** 1 to 1,024. */
  readonly count: number
  /** How many blocks are left out between two headers. Default 0. */
  readonly skip?: number
  /** Towards genesis. Default false. */
  readonly reverse?: boolean
}

/** How long a request waits, and what ends it before. */
export interface EthRequestOptions {
  /** From sending on, and for each message of the answer. Default: the protocol's `requestTimeoutMs`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Options of `getReceipts`. */
export interface ReceiptsRequestOptions extends EthRequestOptions {
  /** The gas that each block used, in the order of the hashes; bounds what its receipts may amount to. */
  readonly gasUsed?: readonly bigint[]
}

/** What a peer tells without being asked. */
export interface EthPeerEvents {
  /** Whole transactions, each as it stands in a list of transactions. */
  transactions: readonly Uint8Array[]
  /** Transactions that the peer has; at most 4,096 of one message. */
  announcements: readonly Announcement[]
  /** The blocks that the peer has; `range` is set already. */
  range: BlockRange
}

/**
 * A peer that speaks eth, after the exchange of Status.
 *
 * Requests reject with a `ProtocolError`: `PROTOCOL_TIMEOUT`, `PROTOCOL_TOO_MANY_REQUESTS`, `PROTOCOL_CLOSED`, or the
 * offence for which the peer is being dropped (`PROTOCOL_DECODE`, `PROTOCOL_BREACH`); with the signal's reason when it
 * aborts; with RangeError or TypeError for arguments that make no request. An empty answer means that the peer does not
 * have it. All bytes are views into the message they came in and keep it alive.
 */
export interface EthPeer {
  /** Node ID, 64 hex digits. */
  readonly id: string
  readonly remote: RemotePeer
  readonly version: number
  readonly status: Status
  /** The blocks that the peer says it has; follows its BlockRangeUpdates. */
  readonly range: BlockRange
  /** Requests that are not answered yet. 16 are with the peer at once; up to 256 more wait to be sent. */
  readonly pendingRequests: number

  /**
   * Headers that are decoded, numbered as asked, and start at the block asked for; without `skip` each is the parent of
   * the next (with `reverse`, the other way round). Fewer than `count` where the peer has no more.
   */
  getBlockHeaders(query: HeadersQuery, options?: EthRequestOptions): Promise<ReceivedHeader[]>
  /**
   * Bodies `[transactions, ommers, withdrawals?]`, as many as fit into one answer and in the order of the hashes; not
   * looked into. At most 1,024 hashes of 32 bytes.
   */
  getBlockBodies(hashes: readonly Uint8Array[], options?: EthRequestOptions): Promise<Uint8Array[]>
  /**
   * Receipt lists in eth/69's form, as many as fit into one answer and in the order of the hashes; not looked into. With
   * eth/70 a list that is larger than a message is fetched in parts, and comes whole. With eth/69 it can't be had:
   * `PROTOCOL_RESPONSE_OVERSIZED`, and the peer stays. At most 1,024 hashes.
   */
  getReceipts(hashes: readonly Uint8Array[], options?: ReceiptsRequestOptions): Promise<Uint8Array[]>
  /** Pool transactions in the order of the hashes; those that the peer does not have are left out. At most 1,024. */
  getPooledTransactions(hashes: readonly Uint8Array[], options?: EthRequestOptions): Promise<Uint8Array[]>

  /** Sends whole transactions, at most 5,000, each as it stands in a list of transactions. */
  sendTransactions(transactions: readonly Uint8Array[], options?: { signal?: AbortSignal }): Promise<void>
  /** Says which transactions we have, at most 4,096. */
  announceTransactions(announcements: readonly Announcement[], options?: { signal?: AbortSignal }): Promise<void>
  /** Says which blocks we have. Not needed where the chain has `onHead`. */
  sendBlockRange(range: BlockRange, options?: { signal?: AbortSignal }): Promise<void>

  /**
   * Hears what the peer tells; returns what ends that. Listeners run one after the other, and what comes while 64
   * messages wait for them is dropped. A listener that throws ends the peer.
   */
  on<E extends keyof EthPeerEvents>(event: E, listener: EthPeerListener<E>): () => void
  disconnect(reason: number): void
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>
}

/** Hears one kind of event. */
export type EthPeerListener<E extends keyof EthPeerEvents> = (event: EthPeerEvents[E]) => void | Promise<void>
