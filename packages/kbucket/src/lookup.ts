/** What a lookup starts with. */
export interface LookupOptions<E> {
  /** The ID that is looked for: 32 bytes. */
  readonly target: Uint8Array
  /** The nodes to begin with: the closest of the table, live or not. Only the nearest `resultSize` of them count. */
  readonly start: readonly E[]
  idOf(entry: E): Uint8Array
  /** A string for each ID, for maps. */
  keyOf(entry: E): string
  /** The key of the node that looks: it is neither asked nor found. */
  readonly self?: string
  /** Queries at a time: 3. */
  readonly alpha?: number
  /** Nodes in the result, and considered of each answer: 16. */
  readonly resultSize?: number
  /** Queries in all: 256. Honest networks need a tenth; it ends a lookup for which someone invents ever nearer nodes. */
  readonly maxQueries?: number
}

/** An iterative search for the nodes nearest to an ID. It asks nobody by itself: it says whom to ask, and is told what came. */
export interface Lookup<E> {
  readonly target: Uint8Array
  /** A node to ask now, which then counts as being asked; `undefined`: no more at this time. */
  next(): E | undefined
  /** The node answered with these. Gives those that were new. */
  answered(key: string, found: readonly E[]): E[]
  /** The node did not answer. */
  failed(key: string): void
  /** Whether all of the nearest were asked and none is still being asked. */
  readonly isDone: boolean
  /** The nearest found so far, the nearest first; those that failed to answer among them, as in geth. */
  result(): E[]
  /** Queries begun. */
  readonly queries: number
  /** Queries that have not ended. */
  readonly pending: number
  /** The longest chain of nodes of which each was found by the one before: 0 while only the first nodes are known. */
  readonly hops: number
}
