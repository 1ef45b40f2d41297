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
  /** A peer that is connected: who dialled, and how long ago its connection was admitted. */
  connection(nodeId: string): { readonly inbound: boolean; readonly ageMs: number } | undefined
}

/** Who asks to be connected. */
export interface Candidate {
  readonly nodeId: string
  readonly inbound: boolean
  readonly trusted: boolean
  /** How many subprotocols are shared; undefined before hello. */
  readonly sharedProtocols?: number
}

/** Two nodes that dial each other at once see both connections within this time. */
const CLASH_MS = 5_000

/**
 * Whether a connection takes the place of the one that its node has already. When two nodes have dialled each other at
 * once, both keep the connection that the smaller node ID dialled, so that they do not close one each.
 */
export function replaces(candidate: Candidate, peers: ConnectedPeers, self: string): boolean {
  const existing = peers.connection(candidate.nodeId)
  if (existing === undefined || existing.inbound === candidate.inbound || existing.ageMs >= CLASH_MS) return false
  return candidate.inbound === candidate.nodeId < self
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
  if (replaces(candidate, peers, self)) return undefined
  if (!candidate.trusted && peers.count >= limits.maxPeers) return DisconnectReason.TooManyPeers
  if (!candidate.trusted && candidate.inbound && peers.inboundCount >= limits.maxInbound) {
    return DisconnectReason.TooManyPeers
  }
  if (peers.connection(candidate.nodeId) !== undefined) return DisconnectReason.AlreadyConnected
  if (candidate.nodeId === self) return DisconnectReason.Self
  return undefined
}
