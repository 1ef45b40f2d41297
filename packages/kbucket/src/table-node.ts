/** A node as a table has it. It stays the same object while the node is in the table; its fields change. */
export interface TableNode<E> {
  /** The newest that is known of it. */
  readonly entry: E
  /** When the table took it in, into a bucket or among the replacements; as all times here, monotonic milliseconds. */
  readonly addedAtMs: number
  /** When it came into its bucket. */
  readonly inBucketAtMs: number
  /** Checks passed: 2018's policy counts them all, 2026's divides by three at each failure. */
  readonly checks: number
  /** Whether it passed a check at the endpoint it has now. Under 2026's policy a failure need not end that. */
  readonly isLive: boolean
  /** Queries in a row that failed or found nothing. */
  readonly queryFailures: number
  /** `bucket`, `replacements`, or `gone` once it is neither in the one nor among the other. */
  readonly place: NodePlace
  /** Whether a check was handed out and its result has not come. */
  readonly isChecking: boolean
  /** The policy's own: from which of its lists the node's next check is drawn (2026: `fast` or `slow`). */
  readonly list: string | undefined
}

/** Where a node of a table is. */
export type NodePlace = 'bucket' | 'replacements' | 'gone'

/** A node as a policy has it. */
export interface PolicyNode<E> extends TableNode<E> {
  list: string | undefined
}

/** A node as the table changes it. Lean: a process may hold millions. */
export class Slot<E> implements PolicyNode<E> {
  entry: E
  /** The first 32 bits of the ID: nearly all comparisons need no more. */
  word: number
  addedAtMs: number
  inBucketAtMs = 0
  checks = 0
  queryFailures = 0
  isLive = false
  isChecking = false
  place: NodePlace = 'gone'
  list: string | undefined = undefined

  constructor(entry: E, word: number, nowMs: number) {
    this.entry = entry
    this.word = word
    this.addedAtMs = nowMs
  }
}
