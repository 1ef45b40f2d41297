import { DisconnectReason } from '@ethwire/protocol'

/** The limits that admission enforces. */
export interface AdmissionLimits {
  readonly maxPeers: number
  /** Of the peers, how many may have dialled us. */
  readonly maxInbound: number
}

/** Who is connected, as admission needs to know. */
export interface ConnectedPeers {
  readonly count: number
  readonly inboundCount: number
  has(nodeId: string): boolean
}

/** Who asks to be connected. */
export interface Candidate {
  readonly nodeId: string
  readonly inbound: boolean
  readonly trusted: boolean
  /** How many subprotocols are shared; undefined before hello. */
  readonly sharedProtocols?: number
}

/**
 * Whether a connection may go on; undefined if so, else the reason to refuse it. Called after the crypto handshake and
 * again after hello, since the set of peers may have changed between. The order of the rules is geth's.
 */
export function admit(
  candidate: Candidate,
  peers: ConnectedPeers,
  self: string,
  limits: AdmissionLimits,
): DisconnectReason | undefined {
  if (candidate.sharedProtocols === 0) return DisconnectReason.UselessPeer
  if (!candidate.trusted && peers.count >= limits.maxPeers) return DisconnectReason.TooManyPeers
  if (!candidate.trusted && candidate.inbound && peers.inboundCount >= limits.maxInbound) {
    return DisconnectReason.TooManyPeers
  }
  if (peers.has(candidate.nodeId)) return DisconnectReason.AlreadyConnected
  if (candidate.nodeId === self) return DisconnectReason.Self
  return undefined
}
