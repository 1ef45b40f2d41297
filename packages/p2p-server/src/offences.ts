import type { Offence } from '@ethwire/dialer'
import { DisconnectReason, ProtocolError, type ProtocolErrorCode } from '@ethwire/protocol'
import { RlpError } from '@ethwire/rlp-codec'
import type { P2pError, P2pErrorCode } from './errors.ts'

/** What each way of ending a connection says of the other side; what is not here is nobody's offence, or this side's own. */
const byCode: Readonly<Partial<Record<P2pErrorCode, Offence>>> = {
  P2P_BREACH: 'breach',
  P2P_NULL_IDENTITY: 'breach',
  // Whoever sits on the path can have flipped a bit.
  P2P_MAC: 'bad-message',
  P2P_HANDSHAKE_FAILED: 'bad-message',
  P2P_TIMEOUT: 'timeout',
  P2P_CLOSED: 'dropped',
}

/** A subprotocol of ours may be wrong about a message; it is not about its rules being broken. */
const byProtocolCode: Readonly<Partial<Record<ProtocolErrorCode, Offence>>> = {
  PROTOCOL_BREACH: 'breach',
  PROTOCOL_MESSAGE_TOO_LONG: 'bad-message',
  PROTOCOL_DECODE: 'bad-message',
  PROTOCOL_INVALID_CODE: 'bad-message',
  PROTOCOL_INVALID_TYPE: 'bad-message',
  PROTOCOL_UNSOLICITED: 'bad-message',
  PROTOCOL_RESPONSE_OVERSIZED: 'bad-message',
  PROTOCOL_TIMEOUT: 'timeout',
  // Of another network or chain: no fault, but no use in asking again soon.
  PROTOCOL_HANDSHAKE: 'dropped',
  PROTOCOL_USELESS: 'dropped',
}

/** What a peer may say as it leaves; other reasons are no offence. */
const byReason: Readonly<Partial<Record<number, Offence>>> = {
  [DisconnectReason.TooManyPeers]: 'full',
  [DisconnectReason.TcpError]: 'dropped',
  [DisconnectReason.ProtocolBreach]: 'dropped',
  [DisconnectReason.UselessPeer]: 'dropped',
  [DisconnectReason.IncompatibleVersion]: 'dropped',
  [DisconnectReason.SubprotocolError]: 'dropped',
}

/**
 * What the other side of a connection did wrong, going by how that ended; undefined when nothing. Dials that reach nobody, or
 * somebody else, are not its concern: the dial scheduler reports them.
 */
export function offenceOf({ code, rule, reason, cause }: P2pError): Offence | undefined {
  if (rule === 'dial-deadline') return undefined
  if (rule === 'ping-budget') return 'bad-message'
  if (rule === 'send-queue') return 'timeout'
  if (code === 'P2P_DISCONNECTED') return reason === undefined ? undefined : byReason[reason]
  if (code !== 'P2P_PROTOCOL_ENDED') return byCode[code]
  if (cause instanceof RlpError) return 'bad-message'
  return cause instanceof ProtocolError ? byProtocolCode[cause.code] : undefined
}
