import { IoError } from '@ethwire/io'
import { DisconnectReason } from '@ethwire/protocol'
import { messageOf } from './message-of.ts'
import type { P2pRule } from './rules.ts'

/**
 * - `P2P_DIAL_FAILED`: no stream to the node; `cause` says why
 * - `P2P_NAME_NOT_FOUND`: the node's host name has no address
 * - `P2P_RESTRICTED`: no address that may be spoken with
 * - `P2P_AUTH_UNANSWERED`: the node dialled closed the connection before its part of the RLPx handshake, as one with another
 *   key does: it cannot read ours. RLPx has no way to say so; one that refuses our address for now does the same
 * - `P2P_HANDSHAKE_FAILED`: the RLPx handshake did not succeed
 * - `P2P_UNEXPECTED_IDENTITY`: the node proved another key than the one dialled, or its hello names another
 * - `P2P_NULL_IDENTITY`: hello names no valid key
 * - `P2P_MAC`: bytes that are not by the peer; closed without a word
 * - `P2P_BREACH`: bytes or messages that the protocol does not allow
 * - `P2P_REFUSED`: admission refused the connection; `reason` says which rule
 * - `P2P_DISCONNECTED`: the peer sent Disconnect with `reason`
 * - `P2P_CLOSED`: the stream ended
 * - `P2P_TIMEOUT`: the peer was too slow
 * - `P2P_PROTOCOL_ENDED`: a subprotocol ended the peer; `cause` has its error, if it threw
 * - `P2P_REQUESTED`: this side's user or the server's close ended the peer
 * - `P2P_INTERNAL`: this side failed by a fault of its own, which is logged; `cause` has it
 * - `P2P_LISTEN_FAILED`: the server could not bind its address
 * - `P2P_DISCOVERY_FAILED`: a discovery protocol could not start
 * - `P2P_START_FAILED`: another part of the server could not; the message says which
 */
export type P2pErrorCode =
  | 'P2P_DIAL_FAILED'
  | 'P2P_NAME_NOT_FOUND'
  | 'P2P_RESTRICTED'
  | 'P2P_AUTH_UNANSWERED'
  | 'P2P_HANDSHAKE_FAILED'
  | 'P2P_UNEXPECTED_IDENTITY'
  | 'P2P_NULL_IDENTITY'
  | 'P2P_MAC'
  | 'P2P_BREACH'
  | 'P2P_REFUSED'
  | 'P2P_DISCONNECTED'
  | 'P2P_CLOSED'
  | 'P2P_TIMEOUT'
  | 'P2P_PROTOCOL_ENDED'
  | 'P2P_REQUESTED'
  | 'P2P_INTERNAL'
  | 'P2P_LISTEN_FAILED'
  | 'P2P_DISCOVERY_FAILED'
  | 'P2P_START_FAILED'

/** What each code tells the peer when nothing more precise is known; undefined: nothing is sent. */
const reasons: Readonly<Record<P2pErrorCode, DisconnectReason | undefined>> = {
  P2P_DIAL_FAILED: undefined,
  P2P_NAME_NOT_FOUND: undefined,
  P2P_RESTRICTED: undefined,
  P2P_AUTH_UNANSWERED: undefined,
  P2P_HANDSHAKE_FAILED: undefined,
  P2P_UNEXPECTED_IDENTITY: DisconnectReason.UnexpectedIdentity,
  P2P_NULL_IDENTITY: DisconnectReason.NullIdentity,
  P2P_MAC: undefined,
  P2P_BREACH: DisconnectReason.ProtocolBreach,
  P2P_REFUSED: DisconnectReason.UselessPeer,
  P2P_DISCONNECTED: undefined,
  P2P_CLOSED: undefined,
  P2P_TIMEOUT: DisconnectReason.Timeout,
  P2P_PROTOCOL_ENDED: DisconnectReason.SubprotocolError,
  P2P_REQUESTED: DisconnectReason.Requested,
  P2P_INTERNAL: DisconnectReason.SubprotocolError,
  P2P_LISTEN_FAILED: undefined,
  P2P_DISCOVERY_FAILED: undefined,
  P2P_START_FAILED: undefined,
}

/** The rule behind each code, where it is always the same; undefined: it was no rule of this side, or the thrower says which. */
const rules: Partial<Record<P2pErrorCode, P2pRule>> = {
  P2P_RESTRICTED: 'netrestrict',
  P2P_UNEXPECTED_IDENTITY: 'wire',
  P2P_NULL_IDENTITY: 'wire',
  P2P_MAC: 'wire',
  P2P_BREACH: 'wire',
  P2P_PROTOCOL_ENDED: 'protocol',
  P2P_REQUESTED: 'requested',
  P2P_INTERNAL: 'internal',
}

/** Why a connection did not come to be, or ended. */
export class P2pError extends Error {
  readonly code: P2pErrorCode
  /** The reason sent to the peer, or received from it; undefined when no Disconnect was or is to be exchanged. */
  readonly reason: number | undefined
  /** The rule of this side that decided; undefined where the other side or the network did. */
  readonly rule: P2pRule | undefined

  constructor(code: P2pErrorCode, message: string, options: { cause?: unknown; reason?: number; rule?: P2pRule } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'P2pError'
    this.code = code
    this.reason = options.reason ?? reasons[code]
    this.rule = options.rule ?? rules[code]
  }
}

/** What a connection ends with when something was thrown: unless the stream broke, that is no doing of the other side's. */
export function toP2pError(cause: unknown): P2pError {
  if (cause instanceof P2pError) return cause
  if (cause instanceof IoError) return new P2pError('P2P_CLOSED', `the connection broke: ${cause.message}`, { cause })
  return new P2pError('P2P_INTERNAL', `this side failed: ${messageOf(cause)}`, { cause })
}

/** What reading from a stream, or writing to it, ends with, whoever has made it. */
export function streamError(cause: unknown): P2pError {
  if (cause instanceof P2pError) return cause
  return new P2pError('P2P_CLOSED', `the connection broke: ${messageOf(cause)}`, { cause })
}
