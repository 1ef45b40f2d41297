import type { NodeAddress } from '@ethwire/enr'
import type { Clock, Logger, Metrics, Random } from '@ethwire/io'
import type { NetRestrict } from './dial-addresses.ts'
import type { DialRefusal } from './dial-refusal.ts'
import type { NodeSource } from './node-source.ts'

/**
 * How a dial ended:
 * - `connected`: in a peer
 * - `unreachable`: no connection came to be; a static node is looked up and tried once more
 * - `stranger`: somebody else is there, or nobody who can prove the node's key; a static node is looked up as well
 * - `full`: the node is there, and has no room
 * - `failed`: in any other way
 */
export type DialOutcome = 'connected' | 'unreachable' | 'stranger' | 'full' | 'failed'

export interface DialOptions {
  readonly isStatic: boolean
  /** Aborts when the scheduler closes, the static node is removed, or the dial took a minute. */
  readonly signal: AbortSignal
}

/** What the scheduler asks and tells a `Reputation`. */
export interface DialReputation {
  isBanned(nodeIdHex: string | undefined, ip: string | undefined): 'node' | 'address' | undefined
  /** Milliseconds that a node is to be left alone. */
  backoffMs(nodeIdHex: string): number
  report(offender: { readonly nodeIdHex: string }, offence: 'dial-failure' | 'full'): unknown
}

/** A peer, as the scheduler needs to know it. */
export interface ScheduledPeer {
  readonly nodeIdHex: string
  /** Whether this side dialled it. */
  readonly dialed: boolean
}

export interface DialSchedulerOptions {
  readonly clock: Clock
  readonly random: Random
  /** The local node's ID, hex. */
  readonly self: string
  /** Peers that this side should have dialled. */
  readonly maxDialed: number
  /** Dials at a time, by default as many as geth has: 50, or 16 for the scheduler of 2018. */
  readonly maxActiveDials?: number
  /** Dials that may begin in a second, after `maxActiveDials` at once. Default 10. */
  readonly dialsPerSecond?: number
  /** How much more of each delay chance may add, default 0.5. */
  readonly redialJitter?: number
  readonly netRestrict?: NetRestrict
  /** Whom not to dial for its behaviour; told of dials that fail. Static nodes are not held to it. */
  readonly reputation?: DialReputation
  /** Where candidates come from; a source that has `resolve` also finds static nodes that have moved. */
  readonly sources?: readonly NodeSource[]
  /** Dials a node and makes it a peer; resolves when it is one or will be none. */
  dial(node: NodeAddress, options: DialOptions): Promise<DialOutcome>
  /** Told each node that is not dialled. */
  readonly onRefused?: (node: NodeAddress, reason: DialRefusal) => void
  readonly logger?: Logger
  /** Counts `p2p/dials` and, for each refusal, `p2p/dials/refused/<reason>`. */
  readonly metrics?: Metrics
}

/** What the scheduler is doing. */
export interface DialSchedulerState {
  readonly dialedPeers: number
  readonly maxDialed: number
  /** Dials that could begin now; negative when peers were made while dials were under way. */
  readonly freeSlots: number
  readonly dialing: readonly string[]
  readonly staticNodes: readonly { readonly nodeIdHex: string; readonly state: NodeDialState }[]
  /** Nodes whose dials are remembered. */
  readonly remembered: number
  readonly refused: Readonly<Record<DialRefusal, number>>
}

/** How it stands with one node: why it is not dialled now, or `ready` when a source has but to name it. */
export type NodeDialState = 'ready' | DialRefusal

/** Decides whom to dial, and when. */
export interface DialScheduler extends AsyncDisposable {
  /**
   * Keeps a node connected. Returns why it cannot be, where that does not pass by itself. Adding it again gives it another
   * address.
   */
  addStatic(node: NodeAddress): DialRefusal | undefined
  /** Gives it up, and a dial of it that is under way; false if it was none. */
  removeStatic(nodeIdHex: string): boolean
  isStatic(nodeIdHex: string): boolean
  peerAdded(peer: ScheduledPeer): void
  peerRemoved(peer: ScheduledPeer): void
  /** A connection that came in has proved this ID; it need not be dialled meanwhile. */
  inboundPending(nodeIdHex: string): void
  /** It is a peer now, or will be none. Once for each `inboundPending`. */
  inboundDone(nodeIdHex: string): void
  /** Counts a candidate that was refused on its way here. */
  refused(node: NodeAddress, reason: DialRefusal): void
  explain(nodeIdHex: string): { readonly state: NodeDialState; readonly failures: number; readonly retryInMs: number }
  state(): DialSchedulerState
  /** Gives up all dials, and leaves the sources. Idempotent. */
  close(): Promise<void>
}
