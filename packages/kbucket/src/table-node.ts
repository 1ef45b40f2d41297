/** A node as a table has it. It stays the same object while the node is in the table; its fields change. */
export interface TableNode<E> {
  /** The newest that is known of it. */
  readonly entry: E
  /** When the table took it in, into a bucket or among the replacements; as all times here, monotonic milliseconds. */
  readonly addedAtMs: number
  /** When it came into its bucket; 0 before. */
  readonly inBucketAtMs: number
  /** Checks passed: 2018's policy counts them all, 2026's divides by three at each failure. */
  readonly checks: number
  /** Whether it passed a check at the endpoint it has now. Under 2026's policy a failure need not end that. */
  readonly isLive: boolean
  /** Queries in a row that failed or found nothing. */
  readonly queryFailures: number
  /** `gone` once it is neither in its bucket nor among the replacements. */
  readonly place: NodePlace
  /** Whether a check was handed out and its result has not come. */
  readonly isChecking: boolean
}

/** Where a node of a table is. */
export type NodePlace = 'gone' | 'replacements' | 'bucket'

const places = ['gone', 'replacements', 'bucket'] as const
const placeBits = 0b0011
const liveBit = 0b0100
const checkingBit = 0b1000

/** A node as the table changes it. Lean, so with flags in one field: a process may hold millions. */
export class Slot<E> implements TableNode<E> {
  entry: E
  /** The first 32 bits of the ID: nearly all comparisons need no more. */
  readonly word: number
  /** See `EntryLimits.groupOf`. */
  group: number | undefined
  addedAtMs: number
  inBucketAtMs = 0
  checks = 0
  queryFailures = 0
  #flags = 0

  constructor(entry: E, word: number, group: number | undefined, nowMs: number) {
    this.entry = entry
    this.word = word
    this.group = group
    this.addedAtMs = nowMs
  }

  get place(): NodePlace {
    return places[this.#flags & placeBits]!
  }

  set place(place: NodePlace) {
    this.#flags = (this.#flags & ~placeBits) | places.indexOf(place)
  }

  get isLive(): boolean {
    return (this.#flags & liveBit) !== 0
  }

  set isLive(isLive: boolean) {
    this.#flags = isLive ? this.#flags | liveBit : this.#flags & ~liveBit
  }

  get isChecking(): boolean {
    return (this.#flags & checkingBit) !== 0
  }

  set isChecking(isChecking: boolean) {
    this.#flags = isChecking ? this.#flags | checkingBit : this.#flags & ~checkingBit
  }
}
