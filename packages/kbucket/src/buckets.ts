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
import { SlotList } from './slot-list.ts'
import type { TableOptions } from './table.ts'
import type { Slot } from './table-node.ts'

/** One more than are kept, for a moment: see `putWaiting`. */
const mostWaiting = maxReplacements + 1

/** A bucket, and those who wait for a place in it. */
interface Bucket<E> {
  readonly nodes: SlotList<E> // bounded: bucketSize
  readonly waiting: SlotList<E> // bounded: mostWaiting; the latest last
}

/** Which limit an entry would exceed. */
export interface LimitExceeded {
  readonly rule: Exclude<RefusalRule, 'self'>
  readonly limit: string
}

const groupCells = 512

function cellOf(group: number): number {
  return Math.imul(group, 0x9e3779b1) >>> 23
}

/** The nodes of a table and their limits. What becomes of whom, and why, is not decided here. */
export class Buckets<E> {
  readonly #self: Uint8Array
  readonly #selfWord: number
  readonly #idOf: (entry: E) => Uint8Array
  readonly #limits: TableOptions<E>['limits']
  readonly #buckets: readonly Bucket<E>[]
  /** Nodes by a hash of their group: at least as many as are of one group. bounded: groupCells */
  readonly #groupCounts: Uint16Array
  /** Fewer than this exceed no limit. */
  readonly #leastLimit: number
  size = 0
  live = 0
  waiting = 0

  constructor({ self, idOf, limits }: Pick<TableOptions<E>, 'self' | 'idOf' | 'limits'>) {
    checkId(self)
    this.#self = self
    this.#selfWord = firstWord(self)
    this.#idOf = idOf
    this.#limits = limits
    const rules = limits?.rules ?? []
    this.#groupCounts = new Uint16Array(limits === undefined ? 0 : groupCells)
    this.#leastLimit = Math.min(...rules.flatMap(({ ofTable, ofBucket }) => [ofTable, ofBucket]))
    const words = new Int32Array(bucketCount * (bucketSize + mostWaiting))
    this.#buckets = Array.from({ length: bucketCount }, (_, index) => {
      const start = index * (bucketSize + mostWaiting)
      return { nodes: new SlotList<E>(words, start), waiting: new SlotList<E>(words, start + bucketSize) }
    })
  }

  isSelf(id: Uint8Array): boolean {
    return sameId(this.#self, id)
  }

  indexOf(node: Slot<E>): number {
    return bucketOfDifference(this.#selfWord ^ node.word)
  }

  nodes(index: number): readonly Slot<E>[] {
    return this.#buckets[index]?.nodes.slots ?? []
  }

  /** The latest last. */
  waitingFor(index: number): readonly Slot<E>[] {
    return this.#buckets[index]?.waiting.slots ?? []
  }

  isFull(index: number): boolean {
    return this.#buckets[index]!.nodes.slots.length >= bucketSize
  }

  /** The node of this ID, wherever it is. */
  find(id: Uint8Array): Slot<E> | undefined {
    checkId(id)
    const word = firstWord(id)
    const { nodes, waiting } = this.#buckets[bucketOfDifference(this.#selfWord ^ word)]!
    return nodes.find(word, id, this.#idOf) ?? waiting.find(word, id, this.#idOf)
  }

  /**
   * The limit that an entry of this group would exceed in this bucket, not counting `except`, which it is to succeed.
   *
   * Of nearly every newcomer it can be told at once that there are not enough of its group for any limit, by counts that
   * several groups share. Only for the others is it looked who is in the table: no counts by kind need be kept.
   */
  exceeded(index: number, entry: E, group: number | undefined, except?: Slot<E>): LimitExceeded | undefined {
    if (this.#limits === undefined || group === undefined) return undefined
    if (this.#groupCounts[cellOf(group)]! < this.#leastLimit) return undefined
    const ofTable: E[] = [] // bounded: by the limits themselves
    const ofBucket: E[] = []
    for (const bucket of this.#buckets) {
      for (const list of [bucket.nodes, bucket.waiting]) {
        for (const node of list.slots) {
          if (node.group !== group || node === except) continue
          ofTable.push(node.entry)
          if (bucket === this.#buckets[index]) ofBucket.push(node.entry)
        }
      }
    }
    for (const { name, isSameKind, ...most } of this.#limits.rules) {
      const ofKind = (entries: E[]): number => entries.filter((other) => isSameKind(entry, other)).length
      if (ofKind(ofTable) >= most.ofTable) return { rule: 'table-limit', limit: name }
      if (ofKind(ofBucket) >= most.ofBucket) return { rule: 'bucket-limit', limit: name }
    }
    return undefined
  }

  /** Puts a node into its bucket, which has room. */
  put(index: number, node: Slot<E>, place: 'first' | 'last', nowMs: number): void {
    const { nodes } = this.#buckets[index]!
    if (place === 'first') nodes.unshift(node)
    else nodes.push(node)
    node.place = 'bucket'
    node.inBucketAtMs = nowMs
    this.size++
    this.#count(node.group, 1)
  }

  /** Puts a node among the replacements. Gives the one that is one too many now, still there. */
  putWaiting(index: number, node: Slot<E>): Slot<E> | undefined {
    const { waiting } = this.#buckets[index]!
    waiting.push(node)
    node.place = 'replacements'
    this.waiting++
    this.#count(node.group, 1)
    return waiting.slots.length > maxReplacements ? waiting.slots[0] : undefined
  }

  /** Takes a node away from where it is. */
  takeOut(index: number, node: Slot<E>): void {
    const { nodes, waiting } = this.#buckets[index]!
    if (node.place === 'bucket') {
      nodes.cut(node)
      this.size--
      this.setLive(node, false)
    } else {
      waiting.cut(node)
      this.waiting--
    }
    node.place = 'gone'
    this.#count(node.group, -1)
  }

  /** Gives a node another entry, with the same ID. */
  replaceEntry(node: Slot<E>, entry: E, group: number | undefined): void {
    this.#count(node.group, -1)
    node.entry = entry
    node.group = group
    this.#count(group, 1)
  }

  moveToFront(index: number, node: Slot<E>): void {
    this.#buckets[index]!.nodes.moveToFront(node)
  }

  setLive(node: Slot<E>, isLive: boolean): void {
    if (node.isLive !== isLive) this.live += isLive ? 1 : -1
    node.isLive = isLive
  }

  #count(group: number | undefined, by: 1 | -1): void {
    if (group !== undefined) this.#groupCounts[cellOf(group)]! += by
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
    for (const node of this.#buckets[index]!.nodes.slots) {
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
