/**
 * Why a connection that came in is closed before anything is read from it.
 * - `netrestrict`: its address is not among those that may be spoken with
 * - `banned`: whoever is at its address has a bad reputation
 * - `throttle`: another came from the same address within 30 s
 * - `max-pending`: too many are in their handshake already
 */
export type InboundRule = 'netrestrict' | 'banned' | 'throttle' | 'max-pending'

/**
 * Why admission refuses a connection.
 * - `useless-peer`: no subprotocol is shared
 * - `banned`: the node has a bad reputation
 * - `static-only`: it is neither a static nor a trusted node, and only those are wanted
 * - `max-peers`: there are as many peers as there may be
 * - `inbound-quota`: there are as many that dialled us as there may be
 * - `already-connected`, `self`: it is a peer already, or this node
 */
export type AdmissionRule =
  | 'useless-peer'
  | 'banned'
  | 'static-only'
  | 'max-peers'
  | 'inbound-quota'
  | 'already-connected'
  | 'self'

/**
 * The rule of this side that ended a connection, or kept it from becoming a peer. Besides those of admission:
 * - `netrestrict`: none of a node's addresses may be dialled
 * - `dial-deadline`: no connection within 15 s
 * - `setup-deadline`: no hello within 5 s
 * - `start-deadline`: a step of the server's start was not done within 10 s
 * - `read-deadline`, `write-deadline`: no whole message within 30 s, a write waited for 20 s
 * - `send-queue`: a subprotocol had too much to be sent waiting
 * - `ingress-budget`: it held the most of what waited to be read, when that was too much
 * - `ping-budget`: more than 10 pings a second
 * - `wire`: bytes or messages that the protocol does not allow
 * - `protocol`: a subprotocol of this side ended the peer
 * - `replaced`: both sides dialled at once, and the other connection stays
 * - `removed`: `removePeer`
 * - `requested`: `peer.disconnect`
 * - `dropper`: to make room for others
 * - `closing`: the server closes
 * - `internal`: a fault of this side's own
 */
export type P2pRule =
  | AdmissionRule
  | 'netrestrict'
  | 'dial-deadline'
  | 'setup-deadline'
  | 'start-deadline'
  | 'read-deadline'
  | 'write-deadline'
  | 'send-queue'
  | 'ingress-budget'
  | 'ping-budget'
  | 'wire'
  | 'protocol'
  | 'replaced'
  | 'removed'
  | 'requested'
  | 'dropper'
  | 'closing'
  | 'internal'

const admissionRules: ReadonlySet<P2pRule | undefined> = new Set<AdmissionRule>([
  'useless-peer',
  'banned',
  'static-only',
  'max-peers',
  'inbound-quota',
  'already-connected',
  'self',
])

export function isAdmissionRule(rule: P2pRule | undefined): rule is AdmissionRule {
  return admissionRules.has(rule)
}
