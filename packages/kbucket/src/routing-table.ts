import { type Random, randomInteger } from '@ethwire/io'
import { Buckets } from './buckets.ts'
import type { AddedRule, AddOutcome, Ruling, TableDecision } from './decision.ts'
import { bucketCount, bucketOfDifference, firstBucketDistance, firstWord, logDistance } from './distance.ts'
import { geth2018 } from './geth-2018.ts'
import { geth2026 } from './geth-2026.ts'
import type { Revalidation, TablePolicy } from './policy.ts'
import { type BucketSnapshot, snapshotOf } from './snapshot.ts'
import type { CheckOutcome, CheckResult, QueryOutcome, Table, TableOptions } from './table.ts'
import { Slot, type TableNode } from './table-node.ts'

// Outcomes that have nothing of their own to say are made once.
const added: AddOutcome = { kind: 'added' }
const known: AddOutcome = { kind: 'known', isUpdated: false }
const updated: AddOutcome = { kind: 'known', isUpdated: true }
const waiting: AddOutcome = { kind: 'replacement' }
const itself: AddOutcome = { kind: 'refused', rule: 'self' }

/**
 * Makes an empty table.
 *
 * @throws RangeError for an ID of `self` that has not 32 bytes; so does every method for IDs it is given
 * @throws TypeError for the name of no policy
 *
 * @example
 * import { webRandom } from '@ethwire/io'
 * import { createTable } from '@ethwire/kbucket'
 *
 * const id = (first: number) => new Uint8Array(32).fill(first, 0, 1)
 * const table = createTable<Uint8Array>({ self: id(0), idOf: (entry) => entry, random: webRandom })
 * for (const first of [0x80, 0x40, 0x41]) table.add(id(first), 0)
 * console.log(table.closest(id(0x42), 2).map((entry) => entry[0])) // [ 64, 65 ]
 */
export function createTable<E>(options: TableOptions<E>): Table<E> {
  return new RoutingTable(options)
}

function policyOf(policy: TableOptions<unknown>['policy']): TablePolicy {
  if (policy === undefined || policy === 'geth-2026') return geth2026
  if (policy === 'geth-2018') return geth2018
  if (typeof policy === 'string') throw new TypeError(`there is no table policy ${JSON.stringify(policy)}`)
  return policy
}

/** How a node came up. */
type Encounter = Exclude<AddedRule, 'replacement'>

// A class with shared methods rather than closures: a simulation holds thousands of tables.
class RoutingTable<E> implements Table<E> {
  readonly policy: TablePolicy
  readonly #options: TableOptions<E>
  readonly #selfWord: number
  readonly #random: Random
  readonly #buckets: Buckets<E>
  readonly #revalidation: Revalidation<E>

  constructor(options: TableOptions<E>) {
    this.policy = policyOf(options.policy)
    this.#options = options
    this.#random = options.random
    this.#buckets = new Buckets(options)
    this.#selfWord = firstWord(options.self)
    const buckets = Array.from({ length: bucketCount }, (_, index) => this.#buckets.nodes(index))
    this.#revalidation = this.policy.createRevalidation(buckets, options.random)
  }

  get size(): number {
    return this.#buckets.size
  }

  get live(): number {
    return this.#buckets.live
  }

  get replacements(): number {
    return this.#buckets.waiting
  }

  add(entry: E, nowMs: number): AddOutcome {
    return this.#offer(entry, 'heard-of', nowMs)
  }

  seenInbound(entry: E, nowMs: number): AddOutcome {
    return this.#offer(entry, 'spoke-to-us', nowMs)
  }

  get(id: Uint8Array): TableNode<E> | undefined {
    return this.#buckets.find(id)
  }

  *nodes(): IterableIterator<TableNode<E>> {
    for (let index = 0; index < bucketCount; index++) yield* this.#buckets.nodes(index)
  }

  closest(target: Uint8Array, count: number): E[] {
    return this.#buckets.closest(target, count, false)
  }

  tellable(target: Uint8Array, count: number): E[] {
    return this.#buckets.closest(target, count, this.live > 0 || !this.policy.tellsWithoutLive)
  }

  atDistance(distance: number, { liveOnly = false }: { readonly liveOnly?: boolean } = {}): E[] {
    const { self, idOf } = this.#options
    return this.#buckets
      .nodes(Math.max(0, distance - firstBucketDistance))
      .filter((node) => node.isLive || !liveOnly)
      .map((node) => node.entry)
      .filter((entry) => distance > firstBucketDistance || logDistance(self, idOf(entry)) === distance)
  }

  randomNodes(count: number): E[] {
    const nodes = [...this.nodes()]
    const live = nodes.filter((node) => node.isLive)
    const others = nodes.filter((node) => !node.isLive)
    const drawn = [...this.#draw(live, count), ...this.#draw(others, count - live.length)]
    return drawn.map((node) => node.entry)
  }

  remove(id: Uint8Array, rule: string, nowMs: number): boolean {
    const node = this.#buckets.find(id)
    if (node === undefined) return false
    if (node.place === 'bucket') this.#removeNode(node, rule, true, nowMs)
    else this.#drop(node, rule, nowMs)
    return true
  }

  queried(id: Uint8Array, foundNodes: boolean, nowMs: number): QueryOutcome<E> {
    const node = this.#buckets.find(id)
    if (node === undefined) return { failures: 0, isRemoved: false }
    if (foundNodes) {
      node.queryFailures = this.policy.failuresAfterAnswer(node.queryFailures)
      return { failures: node.queryFailures, isRemoved: false }
    }
    const failures = ++node.queryFailures
    this.#tell(node.entry, nowMs, { kind: 'query-failed', rule: 'no-nodes', failures })
    const inBucket = this.#buckets.nodes(this.#buckets.indexOf(node)).length
    if (node.place !== 'bucket' || !this.policy.removesAfterQueries(failures, inBucket)) {
      return { failures, isRemoved: false }
    }
    const replacedBy = this.#removeNode(node, 'queries-failed', this.policy.replacesAfterQueries, nowMs)
    return { failures, isRemoved: true, ...(replacedBy && { replacedBy }) }
  }

  nextCheckAtMs(): number | undefined {
    return this.#revalidation.nextAtMs()
  }

  takeChecks(nowMs: number): TableNode<E>[] {
    const due = this.#revalidation.take(nowMs)
    // The policy knows no other nodes than those it was given from here.
    for (const node of due) (node as Slot<E>).isChecking = true
    return due
  }

  checked(checkedNode: TableNode<E>, result: CheckResult<E>, nowMs: number): CheckOutcome<E> {
    const node = checkedNode as Slot<E>
    if (node.place !== 'bucket' || !node.isChecking) return { kind: 'gone' }
    node.isChecking = false
    const { checks, isLive, place } = this.#revalidation.checked(node, result.isAlive, nowMs)
    node.checks = checks
    this.#buckets.setLive(node, isLive)
    if (place === 'remove') {
      const replacedBy = this.#removeNode(node, 'check-failed', true, nowMs)
      return { kind: 'removed', node, ...(replacedBy && { replacedBy }) }
    }
    if (place === 'first') this.#buckets.moveToFront(this.#buckets.indexOf(node), node)
    if (!result.isAlive) {
      this.#tell(node.entry, nowMs, { kind: 'failed', rule: 'check-failed', checks })
      return { kind: 'failed', node }
    }
    this.#tell(node.entry, nowMs, { kind: 'alive', rule: 'check-passed', checks })
    if (result.entry !== undefined) this.#update(node, result.entry, nowMs)
    return { kind: 'alive', node }
  }

  refreshIntervalMs(): number {
    return this.policy.refreshIntervalMs(this.#random)
  }

  isEstablished(node: TableNode<E>, nowMs: number): boolean {
    return node.place === 'bucket' && this.policy.isEstablished(node, nowMs)
  }

  snapshot(nowMs: number): BucketSnapshot<E>[] {
    return Array.from({ length: bucketCount }, (_, index) =>
      snapshotOf(index, this.#buckets.nodes(index), this.#buckets.waitingFor(index), (node) => ({
        isEstablished: this.isEstablished(node, nowMs),
        list: this.#revalidation.listOf?.(node),
      })),
    )
  }

  #offer(entry: E, how: Encounter, nowMs: number): AddOutcome {
    const id = this.#options.idOf(entry)
    const node = this.#buckets.find(id)
    if (node !== undefined) return this.#meet(node, entry, how, nowMs)
    const word = firstWord(id)
    const index = bucketOfDifference(this.#selfWord ^ word)
    if (index === 0 && this.#buckets.isSelf(id)) {
      this.#tell(entry, nowMs, { kind: 'refused', rule: 'self' })
      return itself
    }
    const group = this.#options.limits?.groupOf(entry)
    const exceeded = this.#buckets.exceeded(index, entry, group)
    if (exceeded !== undefined) {
      this.#tell(entry, nowMs, { kind: 'refused', ...exceeded })
      return { kind: 'refused', ...exceeded }
    }
    const newcomer = new Slot(entry, word, group, nowMs)
    if (!this.#buckets.isFull(index)) {
      this.#putNode(newcomer, how, nowMs)
      return added
    }
    const surplus = this.#buckets.putWaiting(index, newcomer)
    this.#tell(entry, nowMs, { kind: 'waiting', rule: 'bucket-full' })
    if (surplus !== undefined) this.#drop(surplus, 'newer-replacement', nowMs)
    return waiting
  }

  /** A node that the table has comes up again. */
  #meet(node: Slot<E>, entry: E, how: Encounter, nowMs: number): AddOutcome {
    const spoke = how === 'spoke-to-us'
    // What it says of itself always counts, what others say of it only if it is newer.
    const update = spoke || this.#isNewer(entry, node.entry) ? this.#update(node, entry, nowMs) : 'same'
    const index = this.#buckets.indexOf(node)
    if (node.place === 'bucket') {
      const isFirst = spoke && update !== 'refused' && this.policy.placesSpeaker === 'first'
      if (isFirst) this.#buckets.moveToFront(index, node)
    } else if (!this.#buckets.isFull(index)) {
      this.#buckets.takeOut(index, node)
      this.#putNode(node, how, nowMs)
      return added
    }
    return update === 'updated' ? updated : known
  }

  #isNewer(heard: E, known: E): boolean {
    return this.#options.isNewer?.(heard, known) ?? false
  }

  /** Takes over what is new about a node, unless its new endpoint exceeds a limit. */
  #update(node: Slot<E>, entry: E, nowMs: number): 'same' | 'updated' | 'refused' {
    const old = node.entry
    if (entry === old) return 'same'
    if (this.#options.sameEndpoint?.(entry, old) ?? true) {
      node.entry = entry
      // Nodes that say the same again at each contact are no news.
      if (this.#isNewer(entry, old)) this.#tell(entry, nowMs, { kind: 'updated', rule: 'same-endpoint' })
      return 'updated'
    }
    const group = this.#options.limits?.groupOf(entry)
    const exceeded = this.#buckets.exceeded(this.#buckets.indexOf(node), entry, group, node)
    if (exceeded !== undefined) {
      this.#tell(entry, nowMs, { kind: 'update-refused', ...exceeded })
      return 'refused'
    }
    this.#buckets.replaceEntry(node, entry, group)
    if (node.place === 'bucket') {
      this.#buckets.setLive(node, false)
      this.#revalidation.endpointChanged(node, nowMs)
    }
    this.#tell(entry, nowMs, { kind: 'updated', rule: 'new-endpoint' })
    return 'updated'
  }

  #putNode(node: Slot<E>, rule: AddedRule, nowMs: number): void {
    const place = rule === 'spoke-to-us' ? this.policy.placesSpeaker : 'last'
    this.#buckets.put(this.#buckets.indexOf(node), node, place, nowMs)
    this.#revalidation.added(node, nowMs)
    this.#tell(node.entry, nowMs, { kind: 'added', rule })
  }

  /** Takes a node out of its bucket; one of those who wait, if any, comes in. */
  #removeNode(node: Slot<E>, rule: string, isReplaced: boolean, nowMs: number): Slot<E> | undefined {
    const index = this.#buckets.indexOf(node)
    this.#buckets.takeOut(index, node)
    this.#revalidation.removed(node, nowMs)
    const candidates = isReplaced ? this.#buckets.waitingFor(index) : []
    if (candidates.length === 0) {
      this.#tell(node.entry, nowMs, { kind: 'removed', rule })
      return undefined
    }
    // By chance, so that nobody can arrange to be the next.
    const successor = candidates[randomInteger(this.#random, candidates.length)]!
    this.#tell(node.entry, nowMs, { kind: 'removed', rule, replacedBy: successor.entry })
    this.#buckets.takeOut(index, successor)
    this.#putNode(successor, 'replacement', nowMs)
    return successor
  }

  /** Takes a node away from those who wait. */
  #drop(node: Slot<E>, rule: string, nowMs: number): void {
    this.#buckets.takeOut(this.#buckets.indexOf(node), node)
    this.#tell(node.entry, nowMs, { kind: 'dropped', rule })
  }

  /** `count` of the nodes by chance, in an order by chance. */
  #draw(nodes: TableNode<E>[], count: number): TableNode<E>[] {
    const drawn = Math.max(0, Math.min(count, nodes.length))
    for (let index = 0; index < drawn; index++) {
      const other = index + randomInteger(this.#random, nodes.length - index)
      const node = nodes[other]!
      nodes[other] = nodes[index]!
      nodes[index] = node
    }
    return nodes.slice(0, drawn)
  }

  #tell(entry: E, atMs: number, ruling: Ruling<E>): void {
    const { onDecision, idOf } = this.#options
    if (onDecision === undefined) return
    const bucket = bucketOfDifference(this.#selfWord ^ firstWord(idOf(entry)))
    onDecision({ ...ruling, entry, bucket, atMs } as TableDecision<E>)
  }
}
