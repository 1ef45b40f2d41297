import type { ProtocolConnection } from './connection.ts'

/** One version of a subprotocol. */
export interface ProtocolVersion {
  /** How many message codes it takes: codes are from 0 to `length − 1`. */
  readonly length: number
}

/** Bounds of a subprotocol's messages. */
export interface ProtocolLimits {
  /** Of one message's RLP, after inflating; the declared size is checked before. */
  readonly maxMessageBytes: number
  /** Of messages with this code that come in, where that is less: what is known to be small is not inflated at any size. */
  readonly maxBytesOf?: (code: number) => number
  /**
   * What a message over the limit does: ends the peer (the default), or is dropped and reported to the protocol as a
   * message with `oversizedBytes`, which has then to decide.
   */
  readonly oversized?: 'disconnect' | 'report'
}

/** An entry for the local node's record: a key and the RLP of its value (EIP-778). */
export interface ProtocolRecordEntry {
  readonly key: string
  readonly value: Uint8Array
}

/** A subprotocol as a value: what a server needs to offer it and run it with each peer. */
export interface Protocol {
  readonly name: string
  readonly versions: Readonly<Record<number, ProtocolVersion>>
  readonly limits: ProtocolLimits
  /**
   * Speaks with one peer until the connection ends. Returning, or throwing, ends the peer; a `ProtocolError` says with
   * which reason.
   */
  run(connection: ProtocolConnection): Promise<void>
  /** What `admin_nodeInfo` shows of it. */
  nodeInfo?(): unknown
  /** What `admin_peers` shows of it for a peer, by node ID (hex). */
  peerInfo?(id: string): unknown
  /** Entries for the local record; asked again at each start. */
  recordEntries?(): Iterable<ProtocolRecordEntry>
  /** Nodes that are known to speak it, as dial candidates. */
  readonly candidates?: AsyncIterable<unknown>
}
