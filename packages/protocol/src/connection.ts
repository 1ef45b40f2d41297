import type { Clock } from '@ethwire/io'
import type { Capability } from './capability.ts'

/** A message of one subprotocol: its code within the protocol, from 0, and its RLP. */
export interface Message {
  readonly code: number
  /** Belongs to the reader. Empty when `oversizedBytes` is set. */
  readonly payload: Uint8Array
  /** The declared size of a message over the limit that was dropped before inflating; see `ProtocolLimits.oversized`. */
  readonly oversizedBytes?: number
}

/** Who is at the other end. */
export interface RemotePeer {
  /** Node ID, 64 hex digits: keccak-256 of the public key. */
  readonly id: string
  /** 64 bytes. */
  readonly publicKey: Uint8Array
  /** The name that the peer gave in Hello, with control characters escaped. */
  readonly clientId: string
  readonly capabilities: readonly Capability[]
  readonly inbound: boolean
  readonly remote: { readonly ip: string; readonly port: number }
}

/** One subprotocol with one peer: what a protocol's `run` is given. */
export interface ProtocolConnection {
  readonly peer: RemotePeer
  /** The version both sides agreed on. */
  readonly version: number
  /** The server's clock, for the deadlines of requests. */
  readonly clock: Clock
  /**
   * Sends a message; resolves when there is room for the next. What waits for its turn already is sent all the same when
   * the signal aborts.
   * @throws ProtocolError `PROTOCOL_CLOSED`, `PROTOCOL_MESSAGE_TOO_LONG`, `PROTOCOL_WRITE`; the signal's reason
   */
  send(code: number, payload: Uint8Array, options?: { signal?: AbortSignal }): Promise<void>
  /** What the peer sends, in order; ends when the peer is gone. Not reading holds back this peer alone. */
  readonly messages: AsyncIterable<Message>
  /** Ends the connection, with all its subprotocols. Idempotent. */
  disconnect(reason: number): void
}
