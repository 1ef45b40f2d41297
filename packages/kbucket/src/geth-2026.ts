import { type Random, randomInteger } from '@ethwire/io'
import { bucketSize } from './distance.ts'
import type { CheckVerdict, Revalidation, TablePolicy } from './policy.ts'
import type { PolicyNode } from './table-node.ts'

const refreshMs = 30 * 60_000
/** Time to the next check from a list is drawn from 0 to this. */
const fastIntervalMs = 3_000
const slowIntervalMs = 9_000
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
  createRevalidation<E>(_buckets: readonly (readonly PolicyNode<E>[])[], random: Random): Revalidation<E> {
    return new TwoLists<E>(random)
  },
}

class TwoLists<E> implements Revalidation<E> {
  readonly #random: Random
  readonly #fast = new CheckList<E>('fast', fastIntervalMs)
  readonly #slow = new CheckList<E>('slow', slowIntervalMs)

  constructor(random: Random) {
    this.#random = random
  }

  added(node: PolicyNode<E>, nowMs: number): void {
    this.#fast.push(node, nowMs, this.#random)
  }

  removed(node: PolicyNode<E>): void {
    this.#listOf(node)?.remove(node)
  }

  endpointChanged(node: PolicyNode<E>, nowMs: number): void {
    this.#move(node, this.#fast, nowMs)
  }

  nextAtMs(): number | undefined {
    const nextMs = Math.min(this.#fast.nextMs, this.#slow.nextMs)
    return nextMs === Number.POSITIVE_INFINITY ? undefined : nextMs
  }

  take(nowMs: number): PolicyNode<E>[] {
    const due: PolicyNode<E>[] = []
    for (const list of [this.#fast, this.#slow]) {
      if (list.nextMs > nowMs) continue
      const node = list.draw(this.#random)
      if (node !== undefined) due.push(node)
      list.schedule(nowMs, this.#random)
    }
    return due
  }

  checked(node: PolicyNode<E>, isAlive: boolean, nowMs: number): CheckVerdict {
    if (isAlive) {
      this.#move(node, this.#slow, nowMs)
      return { checks: node.checks + 1, isLive: true, place: 'stay' }
    }
    const checks = Math.floor(node.checks / 3)
    if (checks === 0) return { checks, isLive: false, place: 'remove' }
    this.#move(node, this.#fast, nowMs)
    return { checks, isLive: node.isLive, place: 'stay' }
  }

  #listOf(node: PolicyNode<E>): CheckList<E> | undefined {
    return node.list === 'fast' ? this.#fast : node.list === 'slow' ? this.#slow : undefined
  }

  #move(node: PolicyNode<E>, to: CheckList<E>, nowMs: number): void {
    const from = this.#listOf(node)
    if (from === to) return
    from?.remove(node)
    to.push(node, nowMs, this.#random)
  }
}

/** Nodes of which one is checked at a time, and when the next is. */
class CheckList<E> {
  readonly #name: 'fast' | 'slow'
  readonly #intervalMs: number
  readonly #nodes: PolicyNode<E>[] = [] // bounded: by the buckets, 272
  nextMs: number = Number.POSITIVE_INFINITY

  constructor(name: 'fast' | 'slow', intervalMs: number) {
    this.#name = name
    this.#intervalMs = intervalMs
  }

  push(node: PolicyNode<E>, nowMs: number, random: Random): void {
    this.#nodes.push(node)
    node.list = this.#name
    if (this.nextMs === Number.POSITIVE_INFINITY) this.schedule(nowMs, random)
  }

  remove(node: PolicyNode<E>): void {
    const last = this.#nodes.pop()!
    if (last !== node) this.#nodes[this.#nodes.indexOf(node)] = last
    node.list = undefined
    if (this.#nodes.length === 0) this.nextMs = Number.POSITIVE_INFINITY
  }

  /** One by chance of those that are not being checked. */
  draw(random: Random): PolicyNode<E> | undefined {
    const waiting = this.#nodes.filter((node) => !node.isChecking)
    return waiting.length === 0 ? undefined : waiting[randomInteger(random, waiting.length)]
  }

  schedule(nowMs: number, random: Random): void {
    this.nextMs = nowMs + randomInteger(random, this.#intervalMs)
  }
}
