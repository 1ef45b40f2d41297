import { DisconnectReason } from './disconnect-reason.ts'

/**
 * - `PROTOCOL_MESSAGE_TOO_LONG`: a message over the protocol's limit
 * - `PROTOCOL_DECODE`: a message that is not what its schema says
 * - `PROTOCOL_WRITE`: a message that could not be sent
 * - `PROTOCOL_INVALID_CODE`: a code that the protocol's version does not have
 * - `PROTOCOL_INVALID_TYPE`: a code that exists, but not in this direction or at this time
 * - `PROTOCOL_HANDSHAKE`: the protocol's own handshake failed or was refused
 * - `PROTOCOL_NO_HANDLER`: a request that nothing here answers
 * - `PROTOCOL_HANDLER`: a handler of ours threw
 * - `PROTOCOL_UNSOLICITED`: an answer that was never asked for, or of another kind
 * - `PROTOCOL_BREACH`: content that breaks the protocol's rules
 * - `PROTOCOL_USELESS`: the peer is of another network or chain
 * - `PROTOCOL_TIMEOUT`: no answer in time
 * - `PROTOCOL_TOO_MANY_REQUESTS`: too many requests wait already
 * - `PROTOCOL_RESPONSE_OVERSIZED`: an answer over the protocol's limit, left unread
 * - `PROTOCOL_CLOSED`: the connection is over
 */
export type ProtocolErrorCode =
  | 'PROTOCOL_MESSAGE_TOO_LONG'
  | 'PROTOCOL_DECODE'
  | 'PROTOCOL_WRITE'
  | 'PROTOCOL_INVALID_CODE'
  | 'PROTOCOL_INVALID_TYPE'
  | 'PROTOCOL_HANDSHAKE'
  | 'PROTOCOL_NO_HANDLER'
  | 'PROTOCOL_HANDLER'
  | 'PROTOCOL_UNSOLICITED'
  | 'PROTOCOL_BREACH'
  | 'PROTOCOL_USELESS'
  | 'PROTOCOL_TIMEOUT'
  | 'PROTOCOL_TOO_MANY_REQUESTS'
  | 'PROTOCOL_RESPONSE_OVERSIZED'
  | 'PROTOCOL_CLOSED'

/** The one table from errors to what the peer is told. */
const reasons: Readonly<Record<ProtocolErrorCode, DisconnectReason>> = {
  PROTOCOL_MESSAGE_TOO_LONG: DisconnectReason.ProtocolBreach,
  PROTOCOL_DECODE: DisconnectReason.ProtocolBreach,
  PROTOCOL_WRITE: DisconnectReason.TcpError,
  PROTOCOL_INVALID_CODE: DisconnectReason.ProtocolBreach,
  PROTOCOL_INVALID_TYPE: DisconnectReason.ProtocolBreach,
  PROTOCOL_HANDSHAKE: DisconnectReason.SubprotocolError,
  PROTOCOL_NO_HANDLER: DisconnectReason.SubprotocolError,
  PROTOCOL_HANDLER: DisconnectReason.SubprotocolError,
  PROTOCOL_UNSOLICITED: DisconnectReason.SubprotocolError,
  PROTOCOL_BREACH: DisconnectReason.SubprotocolError,
  PROTOCOL_USELESS: DisconnectReason.UselessPeer,
  PROTOCOL_TIMEOUT: DisconnectReason.Timeout,
  PROTOCOL_TOO_MANY_REQUESTS: DisconnectReason.Requested,
  PROTOCOL_RESPONSE_OVERSIZED: DisconnectReason.SubprotocolError,
  PROTOCOL_CLOSED: DisconnectReason.Requested,
}

/** Something went wrong with one peer. Where it ends a protocol's `run`, `reason` is what the peer is told. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode
  readonly reason: DisconnectReason

  constructor(code: ProtocolErrorCode, message: string, options: { cause?: unknown; reason?: DisconnectReason } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'ProtocolError'
    this.code = code
    this.reason = options.reason ?? reasons[code]
  }
}
