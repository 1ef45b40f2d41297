/**
 * How many of a kind a table takes in, say of one network. The table counts its nodes and its replacements itself; it
 * has to be told only who is of a kind.
 */
export interface EntryLimits<E> {
  /**
   * An integer that entries have in common wherever one of the rules counts them together; `undefined` for an entry that
   * is not counted at all. It only has to be cheap and to tell most entries apart; the rules decide.
   */
  groupOf(entry: E): number | undefined
  /** The first one that would be exceeded is named. */
  readonly rules: readonly LimitRule<E>[]
}

/** One limit. */
export interface LimitRule<E> {
  /** As decisions name it: `ip4/24`. */
  readonly name: string
  /** Of a kind in the whole table, replacements included. */
  readonly ofTable: number
  /** Of a kind in a bucket, its replacements included. */
  readonly ofBucket: number
  /** Whether two entries of one group are of a kind. */
  isSameKind(a: E, b: E): boolean
}
