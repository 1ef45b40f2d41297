import { DisconnectReason } from '@ethwire/protocol'
import type { AdmissionRule } from './rules.ts'

/** The limits that admission enforces. */
export interface AdmissionLimits {
  readonly maxPeers: number
  /** Of the peers, how many may have dialled us. */
  readonly maxInbound: number
  /** Whether a static node that we have dialled is let in over `maxPeers`, as geth did in 2018. */
  readonly staticBypassesMaxPeers: boolean
  /** Whether only static and trusted nodes are let in. */
  readonly staticOnly: boolean
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
  readonly isStatic: boolean
  /** Whether its reputation is too bad. */
  readonly isBanned: boolean
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

/** What each rule tells the other side. */
const reasons: Readonly<Record<AdmissionRule, DisconnectReason>> = {
  'useless-peer': DisconnectReason.UselessPeer,
  banned: DisconnectReason.Requested,
  'static-only': DisconnectReason.TooManyPeers,
  'max-peers': DisconnectReason.TooManyPeers,
  'inbound-quota': DisconnectReason.TooManyPeers,
  'already-connected': DisconnectReason.AlreadyConnected,
  self: DisconnectReason.Self,
}

/** Why a connection may not go on. */
export interface Refusal {
  readonly rule: AdmissionRule
  readonly reason: DisconnectReason
}

/**
 * Whether a connection may go on; undefined if so, else the rule that refuses it. Called after the crypto handshake and
 * again after hello, since the set of peers may have changed between. The order of the rules is geth's.
 */
export function admit(
  candidate: Candidate,
  peers: ConnectedPeers,
  self: string,
  limits: AdmissionLimits,
): Refusal | undefined {
  const rule = brokenRule(candidate, peers, self, limits)
  return rule && { rule, reason: reasons[rule] }
}

function brokenRule(
  candidate: Candidate,
  peers: ConnectedPeers,
  self: string,
  { maxPeers, maxInbound, staticBypassesMaxPeers, staticOnly }: AdmissionLimits,
): AdmissionRule | undefined {
  const { nodeId, inbound, trusted, isStatic, isBanned } = candidate
  if (candidate.sharedProtocols === 0) return 'useless-peer'
  if (replaces(candidate, peers, self)) {
    // The one that is there is no inbound one: without a free place for this one it had better stay.
    return inbound && !trusted && peers.inboundCount >= maxInbound ? 'already-connected' : undefined
  }
  if (!trusted) {
    if (isBanned && !isStatic) return 'banned'
    if (staticOnly && !isStatic) return 'static-only'
    const isFull = peers.count >= maxPeers
    if (isFull && !(staticBypassesMaxPeers && isStatic && !inbound)) return 'max-peers'
    if (inbound && peers.inboundCount >= maxInbound) return 'inbound-quota'
  }
  if (peers.connection(nodeId) !== undefined) return 'already-connected'
  return nodeId === self ? 'self' : undefined
}
