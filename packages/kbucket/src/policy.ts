import type { Random } from '@ethwire/io'
import type { TableNode } from './table-node.ts'

/**
 * How a table keeps itself true: which nodes are checked and when, what a check's result means, when a node may be told
 * to others, when one that does not answer queries is given up. Stateless; what a table needs to remember is in the
 * `Revalidation` that is made for it.
 */
export interface TablePolicy {
  readonly name: string
  /** Time until the next refresh, drawn for each. */
  refreshIntervalMs(random: Random): number
  /** Where a node goes that spoke to us from a proven endpoint: 2018's buckets are in the order of last contact. */
  readonly placesSpeaker: 'first' | 'last'
  /** What is told to others when no node is live: nothing, or all. */
  readonly tellsWithoutLive: boolean
  /** The failures that are left of so many after a query that found nodes. */
  failuresAfterAnswer(failures: number): number
  /** Whether a node of a bucket with so many nodes goes after so many failed queries. */
  removesAfterQueries(failures: number, nodesInBucket: number): boolean
  /** Whether one that waits takes the place of a node removed for its failed queries. */
  readonly replacesAfterQueries: boolean
  /** Whether a node has proven itself for long enough to be kept over a restart, in geth's judgement. */
  isEstablished(node: TableNode<unknown>, nowMs: number): boolean
  /** Starts the checks of a table. `buckets` are its own, changing under the eyes of the policy; the first is the nearest. */
  createRevalidation<E>(buckets: readonly (readonly TableNode<E>[])[], random: Random): Revalidation<E>
}

/** The checks of one table. The table tells it what comes and goes, and asks it whom to check. */
export interface Revalidation<E> {
  /** A node came into a bucket. */
  added(node: TableNode<E>, nowMs: number): void
  /** A node left its bucket. */
  removed(node: TableNode<E>, nowMs: number): void
  /** A node has another endpoint than the one that was checked. */
  endpointChanged(node: TableNode<E>, nowMs: number): void
  /** When `take` will have something next; `undefined`: not before something changes. */
  nextAtMs(): number | undefined
  /** Those to check now. The table marks them as being checked. */
  take(nowMs: number): TableNode<E>[]
  /** A check of a node that is still in its bucket ended so. */
  checked(node: TableNode<E>, isAlive: boolean, nowMs: number): CheckVerdict
  /** From which of its lists the node's next check is drawn, if it has lists: for those who look at the table. */
  listOf?(node: TableNode<E>): string | undefined
}

/** What follows from a check. */
export interface CheckVerdict {
  readonly checks: number
  readonly isLive: boolean
  /** `remove`: one that waits takes its place. */
  readonly place: 'stay' | 'first' | 'remove'
}

/** The policies that come with the package. */
export type TablePolicyName = 'geth-2026' | 'geth-2018'
