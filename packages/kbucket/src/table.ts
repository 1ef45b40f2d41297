import type { Random } from '@ethwire/io'
import type { AddOutcome, TableDecision } from './decision.ts'
import type { EntryLimits } from './limits.ts'
import type { TablePolicy, TablePolicyName } from './policy.ts'
import type { BucketSnapshot } from './snapshot.ts'
import type { TableNode } from './table-node.ts'

/** What a table is made of. */
export interface TableOptions<E> {
  /** The ID of the node whose table it is: 32 bytes. */
  readonly self: Uint8Array
  /** The ID of an entry, keccak-256 of its public key: 32 bytes, which must not change. */
  idOf(entry: E): Uint8Array
  readonly random: Random
  /** `geth-2026` if not given. */
  readonly policy?: TablePolicyName | TablePolicy
  /** How many of a kind it takes in, such as of one network. Without it, an attacker with one address can fill it. */
  readonly limits?: EntryLimits<E>
  /** Whether both are reached at the same place. Without it, they always are. */
  sameEndpoint?(a: E, b: E): boolean
  /** Whether what was heard of a known node is newer than what is known. Without it, it never is: discv4 hears no records. */
  isNewer?(heard: E, known: E): boolean
  /** Told of each decision, in order, while it is made: it must not change the table. */
  onDecision?(decision: TableDecision<E>): void
}

/** What came of a check. */
export type CheckResult<E> =
  /** It answered; `entry` where its record was found to be newer. */
  { readonly isAlive: true; readonly entry?: E } | { readonly isAlive: false }

/** What a table made of a check's result. */
export type CheckOutcome<E> =
  | { readonly kind: 'alive' | 'failed'; readonly node: TableNode<E> }
  | { readonly kind: 'removed'; readonly node: TableNode<E>; readonly replacedBy?: TableNode<E> }
  /** It had left its bucket before the result came. */
  | { readonly kind: 'gone' }

/** What a table made of a query's result. */
export interface QueryOutcome<E> {
  /** Failures in a row, as far as the policy counts them. */
  readonly failures: number
  readonly isRemoved: boolean
  readonly replacedBy?: TableNode<E>
}

/**
 * The nodes that a node knows, in buckets by their distance from it. It does nothing by itself: it is told what happened
 * and when, in monotonic milliseconds, and asked what to do.
 */
export interface Table<E> {
  readonly policy: TablePolicy
  /** Nodes in buckets: at most 272. */
  readonly size: number
  /** Of those, the live ones. */
  readonly live: number
  /** Nodes that wait to replace others: at most 170. */
  readonly replacements: number

  /** A node that was heard of: in an answer, from the database, as a bootnode. Not checked by us. */
  add(entry: E, nowMs: number): AddOutcome
  /**
   * A node that spoke to us and has proven its endpoint. geth ignores those until the table was seeded once, so that an
   * attacker cannot fill an empty table by knocking; that switch is the caller's.
   */
  seenInbound(entry: E, nowMs: number): AddOutcome

  /** The node with this ID, in a bucket or among the replacements. */
  get(id: Uint8Array): TableNode<E> | undefined
  /** All nodes in buckets, the nearest bucket first. The table must not be changed meanwhile. */
  nodes(): IterableIterator<TableNode<E>>
  /** The `count` nearest to `target`, the nearest first, live or not: from where lookups start. */
  closest(target: Uint8Array, count: number): E[]
  /** The nearest to `target` that others may be told of: live ones; if there is none, all or none, by the policy. */
  tellable(target: Uint8Array, count: number): E[]
  /** Nodes at this logarithmic distance from us, for discv5: in the first bucket that needs a look at each. */
  atDistance(distance: number, options?: { readonly liveOnly?: boolean }): E[]
  /** Up to `count` different nodes by chance: live ones first, others if they do not suffice. */
  randomNodes(count: number): E[]

  /** Takes a node out, wherever it is; one that waits takes its place. `false`: it was not there. */
  remove(id: Uint8Array, rule: string, nowMs: number): boolean
  /** A query to the node ended: it found nodes or it did not, be it that the answer was empty or that none came. */
  queried(id: Uint8Array, foundNodes: boolean, nowMs: number): QueryOutcome<E>

  /** When `takeChecks` will have something next; `undefined`: not before something changes. */
  nextCheckAtMs(): number | undefined
  /** Nodes to ping now. The result of each is due at `checked`; until then it is not handed out again. */
  takeChecks(nowMs: number): TableNode<E>[]
  checked(node: TableNode<E>, result: CheckResult<E>, nowMs: number): CheckOutcome<E>

  /** Time until the next refresh, drawn for each: of 30 min, 2026's policy takes the half and up to the whole. */
  refreshIntervalMs(): number
  /** Whether geth, by this policy, would keep the node in its database: checked more than five times, or five minutes old. */
  isEstablished(node: TableNode<E>, nowMs: number): boolean
  /** The 17 buckets with all that is known of their nodes. */
  snapshot(nowMs: number): BucketSnapshot<E>[]
}
