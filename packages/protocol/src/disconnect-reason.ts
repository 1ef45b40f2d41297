/** Why a peer is disconnected, as sent in the Disconnect message (RLPx, "Disconnect (0x01)"). */
export const DisconnectReason = {
  Requested: 0x00,
  TcpError: 0x01,
  ProtocolBreach: 0x02,
  UselessPeer: 0x03,
  TooManyPeers: 0x04,
  AlreadyConnected: 0x05,
  IncompatibleVersion: 0x06,
  NullIdentity: 0x07,
  ClientQuitting: 0x08,
  UnexpectedIdentity: 0x09,
  Self: 0x0a,
  Timeout: 0x0b,
  SubprotocolError: 0x10,
} as const

/** One of the reasons that the specification names. What a peer sends may be any byte. */
export type DisconnectReason = (typeof DisconnectReason)[keyof typeof DisconnectReason]

// geth's words, so that logs of both clients can be searched alike.
const texts: ReadonlyMap<number, string> = new Map([
  [0x00, 'disconnect requested'],
  [0x01, 'network error'],
  [0x02, 'breach of protocol'],
  [0x03, 'useless peer'],
  [0x04, 'too many peers'],
  [0x05, 'already connected'],
  [0x06, 'incompatible p2p protocol version'],
  [0x07, 'invalid node identity'],
  [0x08, 'client quitting'],
  [0x09, 'unexpected identity'],
  [0x0a, 'connected to self'],
  [0x0b, 'read timeout'],
  [0x10, 'subprotocol error'],
])

/** A reason in words: `too many peers`. */
export function describeDisconnectReason(reason: number): string {
  return texts.get(reason) ?? `unknown disconnect reason ${reason}`
}
