import { bucketSize, checkId, nearer } from './distance.ts'

/** What a lookup starts with. */
export interface LookupOptions<E> {
  /** The ID that is looked for: 32 bytes. */
  readonly target: Uint8Array
  /** The nodes to begin with: the 16 closest of the table, live or not. */
  readonly start: readonly E[]
  idOf(entry: E): Uint8Array
  /** A string for each ID, for maps. */
  keyOf(entry: E): string
  /** The key of the node that looks: it is neither asked nor found. */
  readonly self?: string
  /** Whether a node that is met for the first time is taken in. Without it, all are. Asked once for each. */
  accepts?(entry: E): boolean
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
  /** Answers that led to the nearest node found, one after the other: 0 if it was known from the start. */
  readonly hops: number
}

interface Candidate<E> {
  readonly entry: E
  readonly key: string
  /** Answers on the way to it. */
  readonly depth: number
  isAsked: boolean
}

/**
 * Starts a lookup, as Kademlia has it: of the nearest nodes known, those not yet asked are asked, until all were.
 *
 * @throws RangeError for a target that has not 32 bytes, or a number below 1
 *
 * @example
 * import { createLookup } from '@ethwire/kbucket'
 *
 * const id = (first: number) => new Uint8Array(32).fill(first, 0, 1)
 * const network = new Map([['1', ['9', '12']], ['9', ['14', '1']], ['12', ['15']], ['14', []], ['15', ['14']]])
 * const lookup = createLookup({ target: id(15), start: ['1'], idOf: (name) => id(Number(name)), keyOf: (name) => name })
 * for (let name = lookup.next(); name !== undefined; name = lookup.next()) lookup.answered(name, network.get(name) ?? [])
 * console.log(lookup.isDone, lookup.result()) // true [ '15', '14', '12', '9', '1' ]
 */
export function createLookup<E>(options: LookupOptions<E>): Lookup<E> {
  return new Search(options)
}

class Search<E> implements Lookup<E> {
  readonly target: Uint8Array
  readonly #idOf: (entry: E) => Uint8Array
  readonly #keyOf: (entry: E) => string
  readonly #accepts: ((entry: E) => boolean) | undefined
  readonly #alpha: number
  readonly #resultSize: number
  readonly #maxQueries: number
  readonly #nearest: Candidate<E>[] = [] // bounded: resultSize; the nearest first
  readonly #seen = new Set<string>() // bounded: resultSize of each answer, so resultSize * (maxQueries + 1), and self
  readonly #asking = new Map<string, Candidate<E>>() // bounded: alpha
  queries = 0

  constructor(options: LookupOptions<E>) {
    const { target, start, idOf, keyOf, self, alpha = 3, resultSize = bucketSize, maxQueries = 256 } = options
    checkId(target)
    for (const [name, value] of Object.entries({ alpha, resultSize, maxQueries })) {
      if (!(value >= 1)) throw new RangeError(`${name} must be at least 1, got ${value}`)
    }
    this.target = target
    this.#idOf = idOf
    this.#keyOf = keyOf
    this.#accepts = options.accepts
    this.#alpha = alpha
    this.#resultSize = resultSize
    this.#maxQueries = maxQueries
    if (self !== undefined) this.#seen.add(self)
    this.#consider(start, 0)
  }

  get pending(): number {
    return this.#asking.size
  }

  get isDone(): boolean {
    return this.#asking.size === 0 && this.#toAsk() === undefined
  }

  get hops(): number {
    return this.#nearest[0]?.depth ?? 0
  }

  next(): E | undefined {
    if (this.#asking.size >= this.#alpha) return undefined
    const candidate = this.#toAsk()
    if (candidate === undefined) return undefined
    candidate.isAsked = true
    this.queries++
    this.#asking.set(candidate.key, candidate)
    return candidate.entry
  }

  answered(key: string, found: readonly E[]): E[] {
    const candidate = this.#asking.get(key)
    if (candidate === undefined) return []
    this.#asking.delete(key)
    return this.#consider(found.slice(0, this.#resultSize), candidate.depth + 1)
  }

  failed(key: string): void {
    this.#asking.delete(key)
  }

  result(): E[] {
    return this.#nearest.map((candidate) => candidate.entry)
  }

  #toAsk(): Candidate<E> | undefined {
    return this.queries < this.#maxQueries ? this.#nearest.find((candidate) => !candidate.isAsked) : undefined
  }

  /** Takes in those that are new, and keeps the nearest. */
  #consider(entries: readonly E[], depth: number): E[] {
    const isNew = entries.filter((entry) => {
      const key = this.#keyOf(entry)
      if (this.#seen.has(key)) return false
      this.#seen.add(key)
      return this.#accepts?.(entry) ?? true
    })
    for (const entry of isNew) {
      const id = this.#idOf(entry)
      checkId(id)
      let at = this.#nearest.length
      while (at > 0 && nearer(this.target, id, this.#idOf(this.#nearest[at - 1]!.entry)) < 0) at--
      this.#nearest.splice(at, 0, { entry, key: this.#keyOf(entry), depth, isAsked: false })
      if (this.#nearest.length > this.#resultSize) this.#nearest.pop()
    }
    return isNew
  }
}
