import {
  bucketCount,
  bucketIndex,
  bucketSize,
  compareDistance,
  maxReplacements,
  type TableDecision,
  type TableNode,
} from '@ethwire/kbucket'
import { createSeededRandom } from '@ethwire/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createNodeTable, hex, idAt, type Node, type Recorded, self, subnets } from './nodes.ts'

// Few distances, IDs, networks and ports: buckets fill, limits are reached, nodes come again and move.
const node: fc.Arbitrary<Node> = fc.record({
  id: fc
    .tuple(fc.constantFrom(256, 256, 256, 250, 240, 239, 200), fc.nat({ max: 35 }))
    .map(([distance, n]) => idAt(distance, n)),
  ip: fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: 60 }).map((n) => `20.0.${n}.1`) },
    { weight: 1, arbitrary: fc.nat({ max: 2 }).map((n) => `2a00:1:${n}:${n}::1`) },
    { weight: 1, arbitrary: fc.nat({ max: 9 }).map((n) => `2a00:1:1:${n}::1`) },
    { weight: 1, arbitrary: fc.constant('10.0.0.1') },
  ),
  port: fc.nat({ max: 1 }),
  seq: fc.nat({ max: 2 }),
})

type Step =
  | { readonly kind: 'offer'; readonly node: Node; readonly spoke: boolean }
  | { readonly kind: 'remove' | 'query' | 'pass' | 'fail'; readonly at: number; readonly isGood: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('offer'), node, spoke: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('remove', 'query', 'query', 'pass', 'fail'),
      at: fc.nat(),
      isGood: fc.boolean(),
    }),
  },
)

/** A table as a list of nodes, which the table's decisions alone keep up to date. */
class Model {
  readonly inBucket: Node[] = []
  readonly waiting: Node[] = []

  all(): Node[] {
    return [...this.inBucket, ...this.waiting]
  }

  find(id: Uint8Array): Node | undefined {
    return this.all().find((known) => hex(known.id) === hex(id))
  }

  follow(decision: TableDecision<Node>): void {
    const { entry, kind } = decision
    if (kind === 'added') {
      if (decision.rule === 'replacement' || this.find(entry.id) !== undefined) forget(this.waiting, entry)
      this.inBucket.push(entry)
    } else if (kind === 'waiting') this.waiting.push(entry)
    else if (kind === 'removed') forget(this.inBucket, entry)
    else if (kind === 'dropped') forget(this.waiting, entry)
    else if (kind === 'updated') this.replace(entry)
  }

  replace(entry: Node): void {
    for (const list of [this.inBucket, this.waiting]) {
      const at = list.findIndex((known) => hex(known.id) === hex(entry.id))
      if (at >= 0) list[at] = entry
    }
  }

  /** The limit that a node exceeds, counting those that are there now but for itself. */
  exceeded(entry: Node): { rule: string; limit: string } | undefined {
    if (subnets.groupOf(entry) === undefined) return undefined
    const others = this.all().filter((known) => hex(known.id) !== hex(entry.id))
    const bucket = others.filter((known) => bucketIndex(self, known.id) === bucketIndex(self, entry.id))
    for (const { name, ofTable, ofBucket, isSameKind } of subnets.rules) {
      if (others.filter((other) => isSameKind(entry, other)).length >= ofTable)
        return { rule: 'table-limit', limit: name }
      if (bucket.filter((other) => isSameKind(entry, other)).length >= ofBucket)
        return { rule: 'bucket-limit', limit: name }
    }
    return undefined
  }

  /** What a table must answer when it is offered a node. */
  expectedOf(offered: Node, spoke: boolean): object {
    const known = this.find(offered.id)
    const bucket = bucketIndex(self, offered.id)
    const isFull = this.inBucket.filter(({ id }) => bucketIndex(self, id) === bucket).length >= bucketSize
    if (known === undefined) {
      const exceeded = this.exceeded(offered)
      return exceeded === undefined ? { kind: isFull ? 'replacement' : 'added' } : { kind: 'refused', ...exceeded }
    }
    if (this.waiting.includes(known) && !isFull) return { kind: 'added' }
    const moved = known.ip !== offered.ip || known.port !== offered.port
    const isTaken = (spoke || offered.seq > known.seq) && !(moved && this.exceeded(offered) !== undefined)
    return { kind: 'known', isUpdated: isTaken }
  }
}

function forget(list: Node[], entry: Node): void {
  const at = list.findIndex((known) => hex(known.id) === hex(entry.id))
  expect(at, 'a decision is about a node that is there').toBeGreaterThanOrEqual(0)
  list.splice(at, 1)
}

const ids = (nodes: Iterable<Node>): string[] => Array.from(nodes, ({ id }) => hex(id)).sort()

function checkInvariants({ table }: Recorded, model: Model, target: Uint8Array, policy: string): void {
  const snapshot = table.snapshot(0)
  const nodes = snapshot.flatMap((bucket) => bucket.nodes)
  const waiting = snapshot.flatMap((bucket) => bucket.replacements)
  // The decisions alone explain who is there.
  expect(ids(nodes.map(({ entry }) => entry))).toEqual(ids(model.inBucket))
  expect(ids(waiting.map(({ entry }) => entry))).toEqual(ids(model.waiting))
  expect([table.size, table.replacements]).toEqual([nodes.length, waiting.length])
  expect(table.live).toBe(nodes.filter(({ isLive }) => isLive).length)
  // None twice, each in its bucket, all within bounds.
  const all = [...nodes, ...waiting].map(({ entry }) => hex(entry.id))
  expect(new Set(all).size).toBe(all.length)
  expect(snapshot).toHaveLength(bucketCount)
  for (const row of snapshot) {
    expect(row.nodes.length).toBeLessThanOrEqual(bucketSize)
    expect(row.replacements.length).toBeLessThanOrEqual(maxReplacements)
    const entries = [...row.nodes, ...row.replacements].map(({ entry }) => entry)
    for (const { id } of entries) expect(bucketIndex(self, id)).toBe(row.bucket)
    for (const entry of entries) expect(model.exceeded(entry)).toBeUndefined()
  }
  for (const row of nodes) {
    expect(row.place).toBe('bucket')
    if (policy === 'geth-2026') expect(row.list).toMatch(/fast|slow/)
  }
  if (policy === 'geth-2026') expect(table.nextCheckAtMs() === undefined).toBe(nodes.length === 0)
  // The closest are the closest.
  const sorted = (list: readonly { entry: Node }[]): string[] =>
    list
      .map(({ entry }) => entry.id)
      .sort((a, b) => compareDistance(target, a, b))
      .map(hex)
  const live = nodes.filter(({ isLive }) => isLive)
  const tellable = live.length > 0 || policy === 'geth-2018' ? live : nodes
  for (const count of [0, 1, 16, 300]) {
    expect(table.closest(target, count).map(({ id }) => hex(id))).toEqual(sorted(nodes).slice(0, count))
    expect(table.tellable(target, count).map(({ id }) => hex(id))).toEqual(sorted(tellable).slice(0, count))
  }
}

test.each(['geth-2026', 'geth-2018'] as const)('a table under %s does as a plain list would', (policy) => {
  const target = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    node.map(({ id }) => id),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), target, fc.nat(), (steps, near, seed) => {
      const model = new Model()
      const recorded = createNodeTable({
        policy,
        limits: subnets,
        random: createSeededRandom(seed),
        onDecision: (decision) => model.follow(decision),
      })
      const { table } = recorded
      const checking: TableNode<Node>[] = []
      let nowMs = 0
      for (const [count, action] of steps.entries()) {
        nowMs += 100
        if (action.kind === 'offer') {
          const expected = model.expectedOf(action.node, action.spoke)
          const outcome = action.spoke ? table.seenInbound(action.node, nowMs) : table.add(action.node, nowMs)
          expect(outcome).toEqual(expected)
          // What did not move is no news to anybody.
          const entry = table.get(action.node.id)?.entry
          if (entry !== undefined) model.replace(entry)
        } else if (action.kind === 'remove' || action.kind === 'query') {
          const all = model.all()
          const id = all[action.at % Math.max(1, all.length)]?.id ?? idAt(256, 99)
          if (action.kind === 'remove') expect(table.remove(id, 'test', nowMs)).toBe(all.length > 0)
          else table.queried(id, action.isGood, nowMs)
        } else {
          nowMs = Math.max(nowMs, table.nextCheckAtMs() ?? 0)
          checking.push(...table.takeChecks(nowMs))
          const [checked] = checking.splice(action.at % Math.max(1, checking.length), 1)
          if (checked !== undefined) table.checked(checked, { isAlive: action.kind === 'pass' }, nowMs)
        }
        if (count % 10 === 0) checkInvariants(recorded, model, near, policy)
      }
      checkInvariants(recorded, model, near, policy)
      // Limits are free again when all are gone.
      for (const { id } of model.all()) table.remove(id, 'test', nowMs)
      expect([table.size, table.replacements, table.live]).toEqual([0, 0, 0])
      const two = [0, 1].map((n) => ({ id: idAt(256, n), ip: '20.0.0.1', port: 0, seq: 0 }))
      for (const each of two) expect(table.add(each, nowMs).kind).toBe('added')
    }),
  )
})
