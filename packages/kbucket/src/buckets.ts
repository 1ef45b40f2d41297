import type { RefusalRule } from './decision.ts'
import {
  bucketCount,
  bucketOfDifference,
  bucketSize,
  checkId,
  firstWord,
  maxReplacements,
  nearer,
  sameId,
} from './distance.ts'
import type { EntryLimit, TableOptions } from './table.ts'
import type { Slot } from './table-node.ts'

/** A bucket, and those who wait for a place in it. */
interface Bucket<E> {
  readonly nodes: Slot<E>[] // bounded: bucketSize
  readonly waiting: Slot<E>[] // bounded: maxReplacements; the latest last
  /** Made when the first node comes. */
  limit: EntryLimit<E> | undefined
}

/** Which limit an entry would exceed. */
export interface LimitExceeded {
  readonly rule: Exclude<RefusalRule, 'self'>
  readonly limit: string
}

/** The nodes of a table and their limits. What becomes of whom, and why, is not decided here. */
export class Buckets<E> {
  readonly #self: Uint8Array
  readonly #selfWord: number
  readonly #idOf: (entry: E) => Uint8Array
  readonly #limits: TableOptions<E>['limits']
  readonly #buckets: readonly Bucket<E>[]
  size = 0
  live = 0
  waiting = 0

  constructor({ self, idOf, limits }: Pick<TableOptions<E>, 'self' | 'idOf' | 'limits'>) {
    checkId(self)
    this.#self = self
    this.#selfWord = firstWord(self)
    this.#idOf = idOf
    this.#limits = limits
    this.#buckets = Array.from({ length: bucketCount }, () => ({ nodes: [], waiting: [], limit: undefined }))
  }

  isSelf(id: Uint8Array): boolean {
    return sameId(this.#self, id)
  }

  indexOf(node: Slot<E>): number {
    return bucketOfDifference(this.#selfWord ^ node.word)
  }

  nodes(index: number): readonly Slot<E>[] {
    return this.#buckets[index]?.nodes ?? []
  }

  /** The latest last. */
  waitingFor(index: number): readonly Slot<E>[] {
    return this.#buckets[index]?.waiting ?? []
  }

  isFull(index: number): boolean {
    return this.#buckets[index]!.nodes.length >= bucketSize
  }

  /** The node of this ID, wherever it is. */
  find(id: Uint8Array): Slot<E> | undefined {
    checkId(id)
    const word = firstWord(id)
    const { nodes, waiting } = this.#buckets[bucketOfDifference(this.#selfWord ^ word)]!
    for (const node of nodes) if (node.word === word && sameId(this.#idOf(node.entry), id)) return node
    for (const node of waiting) if (node.word === word && sameId(this.#idOf(node.entry), id)) return node
    return undefined
  }

  /** Counts the entry against the limits, or gives the one that it would exceed. */
  claim(index: number, entry: E): LimitExceeded | undefined {
    if (this.#limits === undefined) return undefined
    const ofTable = this.#limits.ofTable.add(entry)
    if (ofTable !== undefined) return { rule: 'table-limit', limit: ofTable }
    const bucket = this.#buckets[index]!
    bucket.limit ??= this.#limits.ofBucket()
    const ofBucket = bucket.limit.add(entry)
    if (ofBucket === undefined) return undefined
    this.#limits.ofTable.remove(entry)
    return { rule: 'bucket-limit', limit: ofBucket }
  }

  /** Takes a `claim` back. */
  release(index: number, entry: E): void {
    this.#limits?.ofTable.remove(entry)
    this.#buckets[index]!.limit?.remove(entry)
  }

  /** Puts a node whose entry was claimed into its bucket. */
  put(index: number, node: Slot<E>, place: 'first' | 'last', nowMs: number): void {
    const { nodes } = this.#buckets[index]!
    if (place === 'first') nodes.unshift(node)
    else nodes.push(node)
    node.place = 'bucket'
    node.inBucketAtMs = nowMs
    this.size++
  }

  /** Puts a node whose entry was claimed among the replacements. Gives the one that is one too many now, still there. */
  putWaiting(index: number, node: Slot<E>): Slot<E> | undefined {
    const { waiting } = this.#buckets[index]!
    waiting.push(node)
    node.place = 'replacements'
    this.waiting++
    return waiting.length > maxReplacements ? waiting[0] : undefined
  }

  /** Takes a node away from where it is. Its claim stays. */
  takeOut(index: number, node: Slot<E>): void {
    const { nodes, waiting } = this.#buckets[index]!
    if (node.place === 'bucket') {
      nodes.splice(nodes.indexOf(node), 1)
      this.size--
      this.setLive(node, false)
    } else {
      waiting.splice(waiting.indexOf(node), 1)
      this.waiting--
    }
    node.place = 'gone'
  }

  moveToFront(index: number, node: Slot<E>): void {
    const { nodes } = this.#buckets[index]!
    nodes.copyWithin(1, 0, nodes.indexOf(node))
    nodes[0] = node
  }

  setLive(node: Slot<E>, isLive: boolean): void {
    if (node.isLive !== isLive) this.live += isLive ? 1 : -1
    node.isLive = isLive
  }

  /**
   * The `count` nodes nearest to `target`, the nearest first.
   *
   * Not all buckets need be searched. With d the exclusive or of target and self: a node of the bucket for bit i agrees
   * with self above bit i and differs at it. So where d has bit i, it agrees with the target there and above, and is
   * nearer than every node of the buckets below; where d has not, it is farther than those. Going down over the buckets
   * whose bit d has, and then up over the others, meets them in the order of their distance from the target, none
   * overlapping the next. Only those met before `count` nodes are found have to be put in order.
   */
  closest(target: Uint8Array, count: number, liveOnly: boolean): E[] {
    checkId(target)
    const word = firstWord(target)
    // Its lowest bit is that of bucket 1.
    const bits = (word ^ this.#selfWord) >>> 16
    const found: Slot<E>[] = []
    for (let index = bucketCount - 1; index > 0 && found.length < count; index--) {
      if (((bits >>> (index - 1)) & 1) === 1) this.#collect(found, index, target, word, count, liveOnly)
    }
    // Whatever bits the nodes of the first bucket have below, they come before the buckets above it that d has not.
    for (let index = 0; index < bucketCount && found.length < count; index++) {
      if (index === 0 || ((bits >>> (index - 1)) & 1) === 0) {
        this.#collect(found, index, target, word, count, liveOnly)
      }
    }
    const entries: E[] = []
    for (const node of found) entries.push(node.entry)
    return entries
  }

  /** Puts the nodes of a bucket behind those found, the nearest first, up to `count` in all. */
  #collect(found: Slot<E>[], index: number, target: Uint8Array, word: number, count: number, liveOnly: boolean): void {
    const from = found.length
    for (const node of this.#buckets[index]!.nodes) {
      if (liveOnly && !node.isLive) continue
      const distance = (node.word ^ word) >>> 0
      let at = found.length
      for (; at > from; at--) {
        const other = found[at - 1]!
        const otherDistance = (other.word ^ word) >>> 0
        if (distance > otherDistance) break
        if (distance === otherDistance && nearer(target, this.#idOf(node.entry), this.#idOf(other.entry)) > 0) break
      }
      if (at === count) continue
      if (found.length < count) found.push(node)
      for (let place = found.length - 1; place > at; place--) found[place] = found[place - 1]!
      found[at] = node
    }
  }
}
