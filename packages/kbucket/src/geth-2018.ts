import { type Random, randomInteger } from '@ethwire/io'
import type { CheckVerdict, Revalidation, TablePolicy } from './policy.ts'
import type { TableNode } from './table-node.ts'

const refreshMs = 30 * 60_000
/** Time from the end of a check to the next is drawn from 0 to this. */
const checkIntervalMs = 10_000
const maxQueryFailures = 5
/** Time in a bucket after which geth 1.8 copied a node to its database. */
const establishedMs = 5 * 60_000

/**
 * The policy of go-ethereum 1.8 (`p2p/discover/table.go` of 1.8.27). Buckets are in the order of last contact: whoever
 * is bonded, so spoke to us from an endpoint it has proven, comes to the front, and so does who passed a check. One
 * check at a time, of the last node of a random bucket; if it fails and is still the last, it goes. Others are told of
 * nodes that passed a check, and of no others.
 */
export const geth2018: TablePolicy = {
  name: 'geth-2018',
  refreshIntervalMs: () => refreshMs,
  placesSpeaker: 'first',
  tellsWithoutLive: false,
  failuresAfterAnswer: (failures) => Math.max(0, failures - 1),
  removesAfterQueries: (failures) => failures >= maxQueryFailures,
  replacesAfterQueries: false,
  isEstablished: (node, nowMs) => node.isLive && nowMs - node.inBucketAtMs >= establishedMs,
  createRevalidation<E>(buckets: readonly (readonly TableNode<E>[])[], random: Random): Revalidation<E> {
    return new LastOfBucket<E>(buckets, random)
  },
}

class LastOfBucket<E> implements Revalidation<E> {
  readonly #buckets: readonly (readonly TableNode<E>[])[]
  readonly #random: Random
  #checking: TableNode<E> | undefined
  #nextMs: number | undefined

  constructor(buckets: readonly (readonly TableNode<E>[])[], random: Random) {
    this.#buckets = buckets
    this.#random = random
  }

  added(_node: TableNode<E>, nowMs: number): void {
    if (this.#nextMs === undefined && this.#checking === undefined) this.#schedule(nowMs)
  }

  removed(node: TableNode<E>, nowMs: number): void {
    if (node !== this.#checking) return
    this.#checking = undefined
    this.#schedule(nowMs)
  }

  // Its next check comes when it is the last of its bucket, as for all.
  endpointChanged(): void {}

  nextAtMs(): number | undefined {
    return this.#nextMs
  }

  take(nowMs: number): TableNode<E>[] {
    if (this.#nextMs === undefined || this.#nextMs > nowMs) return []
    this.#nextMs = undefined
    const filled = this.#buckets.filter((nodes) => nodes.length > 0)
    if (filled.length === 0) return []
    this.#checking = filled[randomInteger(this.#random, filled.length)]!.at(-1)!
    return [this.#checking]
  }

  checked(node: TableNode<E>, isAlive: boolean, nowMs: number): CheckVerdict {
    this.#checking = undefined
    this.#schedule(nowMs)
    if (isAlive) return { checks: node.checks + 1, isLive: true, place: 'first' }
    const { checks, isLive } = node
    // Behind one that came meanwhile, or before all since it spoke: then it is not judged now.
    return { checks, isLive, place: this.#buckets.some((nodes) => nodes.at(-1) === node) ? 'remove' : 'stay' }
  }

  #schedule(nowMs: number): void {
    this.#nextMs = nowMs + randomInteger(this.#random, checkIntervalMs)
  }
}
