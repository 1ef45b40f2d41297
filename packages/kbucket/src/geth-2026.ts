import { type Random, randomInteger } from '@ethwire/io'
import { bucketSize } from './distance.ts'
import type { CheckVerdict, Revalidation, TablePolicy } from './policy.ts'
import type { TableNode } from './table-node.ts'

const refreshMs = 30 * 60_000
/** Time to the next check from a list is drawn from 0 to this. */
const fastIntervalMs = 3_000
const slowIntervalMs = 9_000
const never = Number.POSITIVE_INFINITY
const maxQueryFailures = 5
/** Checks after which geth writes a node to its database. */
const establishedChecks = 5

/**
 * The policy of go-ethereum 1.17 (`p2p/discover/table_reval.go`). Each node is in one of two lists, and from each list
 * one is drawn and checked at random times: new nodes and those that failed or moved from the fast list, those that
 * passed from the slow one. A failure costs two thirds of the checks that a node has to its credit; with none left it
 * goes.
 */
export const geth2026: TablePolicy = {
  name: 'geth-2026',
  refreshIntervalMs: (random) => refreshMs / 2 + randomInteger(random, refreshMs / 2),
  placesSpeaker: 'last',
  tellsWithoutLive: true,
  failuresAfterAnswer: () => 0,
  // In a small network, a node that does not answer is better than none.
  removesAfterQueries: (failures, nodesInBucket) => failures >= maxQueryFailures && nodesInBucket >= bucketSize / 4,
  replacesAfterQueries: true,
  isEstablished: (node) => node.isLive && node.checks > establishedChecks,
  createRevalidation<E>(_buckets: readonly (readonly TableNode<E>[])[], random: Random): Revalidation<E> {
    return new TwoLists<E>(random)
  },
}

class TwoLists<E> implements Revalidation<E> {
  readonly #random: Random
  readonly #fast = new CheckList<E>(fastIntervalMs)
  readonly #slow = new CheckList<E>(slowIntervalMs)

  constructor(random: Random) {
    this.#random = random
  }

  added(node: TableNode<E>, nowMs: number): void {
    this.#fast.push(node, nowMs, this.#random)
  }

  removed(node: TableNode<E>): void {
    if (!this.#fast.remove(node)) this.#slow.remove(node)
  }

  endpointChanged(node: TableNode<E>, nowMs: number): void {
    if (this.#slow.remove(node)) this.#fast.push(node, nowMs, this.#random)
  }

  nextAtMs(): number | undefined {
    const nextMs = Math.min(this.#fast.nextMs, this.#slow.nextMs)
    return nextMs === never ? undefined : nextMs
  }

  take(nowMs: number): TableNode<E>[] {
    const due: TableNode<E>[] = []
    for (const list of [this.#fast, this.#slow]) {
      if (list.nextMs > nowMs) continue
      const node = list.draw(this.#random)
      if (node !== undefined) due.push(node)
      list.schedule(nowMs, this.#random)
    }
    return due
  }

  checked(node: TableNode<E>, isAlive: boolean, nowMs: number): CheckVerdict {
    if (isAlive) {
      if (this.#fast.remove(node)) this.#slow.push(node, nowMs, this.#random)
      return { checks: node.checks + 1, isLive: true, place: 'stay' }
    }
    const checks = Math.floor(node.checks / 3)
    if (checks === 0) return { checks, isLive: false, place: 'remove' }
    if (this.#slow.remove(node)) this.#fast.push(node, nowMs, this.#random)
    return { checks, isLive: node.isLive, place: 'stay' }
  }

  listOf(node: TableNode<E>): 'fast' | 'slow' | undefined {
    if (this.#fast.has(node)) return 'fast'
    return this.#slow.has(node) ? 'slow' : undefined
  }
}

/** Nodes of which one is checked at a time, and when the next is. */
class CheckList<E> {
  readonly #intervalMs: number
  readonly #nodes: TableNode<E>[] = [] // bounded: by the buckets, 272
  nextMs: number = never

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  has(node: TableNode<E>): boolean {
    return this.#nodes.includes(node)
  }

  push(node: TableNode<E>, nowMs: number, random: Random): void {
    this.#nodes.push(node)
    if (this.nextMs === never) this.schedule(nowMs, random)
  }

  remove(node: TableNode<E>): boolean {
    const at = this.#nodes.indexOf(node)
    if (at < 0) return false
    // The order does not matter: whoever is next is drawn.
    const last = this.#nodes.pop()!
    if (last !== node) this.#nodes[at] = last
    if (this.#nodes.length === 0) this.nextMs = never
    return true
  }

  /** One by chance of those that are not being checked. */
  draw(random: Random): TableNode<E> | undefined {
    if (this.#nodes.length === 0) return undefined
    // Few are being checked at a time, so that the first draw is nearly always a good one.
    for (let draws = 0; draws < 4; draws++) {
      const node = this.#nodes[randomInteger(random, this.#nodes.length)]!
      if (!node.isChecking) return node
    }
    const waiting = this.#nodes.filter((node) => !node.isChecking)
    return waiting.length === 0 ? undefined : waiting[randomInteger(random, waiting.length)]
  }

  schedule(nowMs: number, random: Random): void {
    this.nextMs = nowMs + randomInteger(random, this.#intervalMs)
  }
}
