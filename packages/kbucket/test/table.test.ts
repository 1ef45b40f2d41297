import { bucketSize, createTable, maxReplacements } from '@ethwire/kbucket'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { checkAll, createNodeTable, hex, idAt, type Node, nodeAt, nodesAt, self, subnets } from './nodes.ts'

const policies = ['geth-2026', 'geth-2018'] as const

describe.each(policies)('a table under the policy %s', (policy) => {
  test('takes in what it hears of until a bucket is full, then lets ten wait, the latest instead of the first', () => {
    const { table, rulings } = createNodeTable({ policy })
    const nodes = nodesAt(256, bucketSize + maxReplacements + 1)
    const outcomes = nodes.map((node) => table.add(node, 5).kind)
    expect(outcomes).toEqual([...Array(bucketSize).fill('added'), ...Array(maxReplacements + 1).fill('replacement')])
    expect([table.size, table.replacements, table.live]).toEqual([bucketSize, maxReplacements, 0])
    expect(rulings().slice(bucketSize - 1)).toEqual([
      'added heard-of',
      ...Array(maxReplacements + 1).fill('waiting bucket-full'),
      'dropped newer-replacement',
    ])
    const [bucket] = table.snapshot(5).slice(-1)
    expect(bucket?.distance).toEqual({ from: 256, to: 256 })
    expect(bucket?.nodes.map(({ entry }) => entry)).toEqual(nodes.slice(0, bucketSize))
    expect(bucket?.replacements.map(({ entry }) => entry)).toEqual(nodes.slice(bucketSize + 1).reverse())
    expect(table.get(idAt(256, bucketSize))).toBeUndefined()
  })

  test('knows a node again, in its bucket and among those who wait', () => {
    const { table, rulings } = createNodeTable({ policy })
    const nodes = nodesAt(256, bucketSize + 1)
    for (const node of nodes) table.add(node, 0)
    rulings()
    for (const node of nodes) expect(table.add({ ...node }, 1)).toEqual({ kind: 'known', isUpdated: false })
    expect(rulings()).toEqual([])
    expect(table.get(idAt(256, 3))).toMatchObject({ entry: nodes[3], place: 'bucket', addedAtMs: 0 })
    expect(table.get(idAt(256, bucketSize))).toMatchObject({ entry: nodes.at(-1), place: 'replacements' })
  })

  test('refuses its own node', () => {
    const { table, rulings } = createNodeTable({ policy })
    const own = nodeAt(0, 0, { id: self.slice() })
    expect(table.add(own, 0)).toEqual({ kind: 'refused', rule: 'self' })
    expect(table.seenInbound(own, 0)).toEqual({ kind: 'refused', rule: 'self' })
    expect([table.size, rulings()]).toEqual([0, ['refused self', 'refused self']])
  })

  test('hands a removed node’s place to one of those who wait, and says whose', () => {
    const { table, decisions } = createNodeTable({ policy })
    for (const node of nodesAt(250, bucketSize + 2)) table.add(node, 0)
    expect(table.remove(idAt(250, 4), 'banned', 7)).toBe(true)
    const removed = decisions.at(-2)
    expect(removed).toMatchObject({ kind: 'removed', rule: 'banned', bucket: 10, atMs: 7 })
    const successor = decisions.at(-1)
    expect(successor).toMatchObject({ kind: 'added', rule: 'replacement', atMs: 7 })
    expect(removed).toHaveProperty('replacedBy', successor?.entry)
    expect(table.get(successor!.entry.id)).toMatchObject({ place: 'bucket', addedAtMs: 0, inBucketAtMs: 7 })
    expect([table.size, table.replacements]).toEqual([bucketSize, 1])
  })

  test('removes one that waits, and nothing where nothing is', () => {
    const { table, rulings } = createNodeTable({ policy })
    for (const node of nodesAt(250, bucketSize + 1)) table.add(node, 0)
    rulings()
    expect(table.remove(idAt(250, bucketSize), 'banned', 0)).toBe(true)
    expect(table.remove(idAt(250, bucketSize), 'banned', 0)).toBe(false)
    expect([table.replacements, rulings()]).toEqual([0, ['dropped banned']])
  })

  test('believes a node about itself, and others only what is newer', () => {
    const { table, rulings } = createNodeTable({ policy })
    const node = nodeAt(256, 1, { seq: 5 })
    table.add(node, 0)
    rulings()
    expect(table.add({ ...node, port: 1 }, 1)).toEqual({ kind: 'known', isUpdated: false })
    expect(table.add({ ...node, seq: 6 }, 1)).toEqual({ kind: 'known', isUpdated: true })
    expect(table.add({ ...node, seq: 7, port: 2 }, 1)).toEqual({ kind: 'known', isUpdated: true })
    expect(table.seenInbound({ ...node, seq: 1, port: 3 }, 1)).toEqual({ kind: 'known', isUpdated: true })
    expect(table.get(node.id)?.entry).toMatchObject({ seq: 1, port: 3 })
    expect(rulings()).toEqual(['updated same-endpoint', 'updated new-endpoint', 'updated new-endpoint'])
    expect(table.seenInbound({ ...node, seq: 1, port: 3 }, 1)).toEqual({ kind: 'known', isUpdated: true })
    expect(rulings()).toEqual([])
  })

  test('a node at a new endpoint is not live until it was checked there', () => {
    const { table } = createNodeTable({ policy })
    const node = nodeAt(256, 1)
    table.add(node, 0)
    checkAll(table)
    table.seenInbound({ ...node, port: 4 }, 1)
    expect([table.get(node.id)?.isLive, table.live]).toEqual([false, 0])
  })

  test('one that waits moves too', () => {
    const { table, rulings } = createNodeTable({ policy })
    const nodes = nodesAt(256, bucketSize + 1)
    for (const node of nodes) table.add(node, 0)
    rulings()
    expect(table.seenInbound({ ...nodes.at(-1)!, port: 4 }, 1)).toEqual({ kind: 'known', isUpdated: true })
    expect(table.get(nodes.at(-1)!.id)).toMatchObject({ entry: { port: 4 }, place: 'replacements' })
    expect(rulings()).toEqual(['updated new-endpoint'])
  })

  test('a check’s result counts once, and not for a node that left meanwhile', () => {
    const { table } = createNodeTable({ policy })
    table.add(nodeAt(256, 1), 0)
    const nowMs = table.nextCheckAtMs()!
    const [node] = table.takeChecks(nowMs)
    expect(node?.isChecking).toBe(true)
    expect(table.takeChecks(nowMs)).toEqual([])
    table.remove(node!.entry.id, 'banned', nowMs)
    table.add(nodeAt(256, 1), nowMs)
    expect(table.checked(node!, { isAlive: true }, nowMs)).toEqual({ kind: 'gone' })
    expect(table.get(node!.entry.id)).toMatchObject({ checks: 0, isLive: false })

    const laterMs = table.nextCheckAtMs()!
    const [again] = table.takeChecks(laterMs)
    expect(table.checked(again!, { isAlive: true }, laterMs)).toMatchObject({ kind: 'alive' })
    expect(table.checked(again!, { isAlive: false }, laterMs)).toEqual({ kind: 'gone' })
    expect(again).toMatchObject({ checks: 1, isLive: true, isChecking: false })
  })

  test('takes a newer record that a check brought', () => {
    const { table } = createNodeTable({ policy })
    const node = nodeAt(256, 1)
    table.add(node, 0)
    const nowMs = table.nextCheckAtMs()!
    const [checked] = table.takeChecks(nowMs)
    table.checked(checked!, { isAlive: true, entry: { ...node, seq: 9 } }, nowMs)
    expect(table.get(node.id)).toMatchObject({ entry: { seq: 9 }, isLive: true })
  })

  test('has nothing to check while it is empty', () => {
    const { table } = createNodeTable({ policy })
    expect([table.nextCheckAtMs(), table.takeChecks(1e9)]).toEqual([undefined, []])
    table.add(nodeAt(256, 1), 0)
    expect(table.nextCheckAtMs()).toBeGreaterThanOrEqual(0)
  })

  test('what is not in the table has no failures', () => {
    const { table } = createNodeTable({ policy })
    expect(table.queried(idAt(256, 1), false, 0)).toEqual({ failures: 0, isRemoved: false })
  })

  test('a snapshot does not change with the table', () => {
    const { table } = createNodeTable({ policy })
    table.add(nodeAt(256, 1), 0)
    const [bucket] = table.snapshot(0).slice(-1)
    checkAll(table)
    table.remove(idAt(256, 1), 'banned', 0)
    expect(bucket?.nodes).toMatchObject([{ isLive: false, place: 'bucket', isEstablished: false }])
    expect(table.snapshot(0)).toHaveLength(17)
    expect(table.snapshot(0)[0]?.distance).toEqual({ from: 0, to: 240 })
  })

  test('random nodes are different ones, live ones first', () => {
    const { table } = createNodeTable({ policy })
    for (const node of nodesAt(256, 8)) table.add(node, 0)
    const nowMs = checkAll(table)
    for (const node of nodesAt(255, 8)) table.add(node, nowMs)
    const names = (nodes: Node[]): string[] => nodes.map(({ id }) => hex(id))
    for (let round = 0; round < 20; round++) {
      const few = table.randomNodes(5)
      expect(new Set(names(few)).size).toBe(5)
      expect(few.every(({ id }) => table.get(id)?.isLive)).toBe(true)
    }
    const firsts = new Set(Array.from({ length: 100 }, () => hex(table.randomNodes(1)[0]!.id)))
    expect(firsts.size).toBe(8)
    expect(new Set(names(table.randomNodes(12))).size).toBe(12)
    expect(new Set(names(table.randomNodes(99))).size).toBe(16)
    expect(table.randomNodes(0)).toEqual([])
  })

  test('gives the nodes at a distance', () => {
    const { table } = createNodeTable({ policy })
    for (const distance of [256, 255, 240, 239, 200]) table.add(nodeAt(distance, 1), 0)
    for (const distance of [256, 255, 240, 239, 200]) {
      expect(table.atDistance(distance).map(({ id }) => hex(id))).toEqual([hex(idAt(distance, 1))])
      expect(table.atDistance(distance, { liveOnly: true })).toEqual([])
    }
    for (const distance of [254, 238, 0, 257, -1]) expect(table.atDistance(distance)).toEqual([])
    checkAll(table)
    expect(table.atDistance(256, { liveOnly: true })).toHaveLength(1)
  })

  test('works without limits, endpoints and decisions', () => {
    const table = createTable<Uint8Array>({ self, idOf: (id) => id, random: createSeededRandom(1), policy })
    table.add(idAt(256, 1), 0)
    expect(table.seenInbound(idAt(256, 1), 0)).toEqual({ kind: 'known', isUpdated: true })
    expect(table.closest(self, 3)).toEqual([idAt(256, 1)])
  })
})

test('a table of no known policy, or for no ID, is the caller’s mistake', () => {
  const options = { self, idOf: (id: Uint8Array) => id, random: createSeededRandom(1) }
  expect(() => createTable({ ...options, policy: 'geth-2020' as 'geth-2018' })).toThrow(TypeError)
  expect(() => createTable({ ...options, self: new Uint8Array(20) })).toThrow(RangeError)
  const table = createTable(options)
  expect(() => table.add(new Uint8Array(20), 0)).toThrow(RangeError)
  expect(() => table.closest(new Uint8Array(20), 1)).toThrow(RangeError)
})

describe('limits', () => {
  const at = (distance: number, n: number, ip: string): Node => nodeAt(distance, n, { ip })

  test('name themselves, and say whether the bucket’s or the table’s was reached', () => {
    const { table } = createNodeTable({ limits: subnets })
    for (const n of [0, 1]) table.add(at(256, n, '8.8.8.8'), 0)
    const refused = { kind: 'refused', rule: 'bucket-limit', limit: 'ip4/24' }
    expect(table.add(at(256, 2, '8.8.8.9'), 0)).toEqual(refused)
    for (const distance of [255, 254, 253, 252]) for (const n of [0, 1]) table.add(at(distance, n, '8.8.8.8'), 0)
    expect(table.add(at(251, 0, '8.8.8.9'), 0)).toEqual({ ...refused, rule: 'table-limit' })
    expect(table.size).toBe(10)
  })

  test('count those who wait too', () => {
    const { table } = createNodeTable({ limits: subnets })
    for (const node of nodesAt(256, bucketSize)) table.add(node, 0)
    expect(table.add(at(256, 90, '8.8.8.1'), 0).kind).toBe('replacement')
    expect(table.add(at(256, 91, '8.8.8.2'), 0).kind).toBe('replacement')
    expect(table.add(at(256, 92, '8.8.8.3'), 0)).toMatchObject({ rule: 'bucket-limit' })
    table.remove(idAt(256, 90), 'banned', 0)
    expect(table.add(at(256, 92, '8.8.8.3'), 0).kind).toBe('replacement')
  })

  test('refuse the new endpoint of a known node, which keeps the old one and its place', () => {
    const { table, rulings } = createNodeTable({ limits: subnets })
    for (const n of [0, 1]) table.add(at(256, n, '8.8.8.8'), 0)
    const node = at(256, 2, '9.9.9.9')
    table.add(node, 0)
    checkAll(table)
    rulings()
    expect(table.seenInbound({ ...node, ip: '8.8.8.9' }, 1)).toEqual({ kind: 'known', isUpdated: false })
    expect(rulings()).toEqual(['update-refused bucket-limit'])
    expect(table.get(node.id)).toMatchObject({ entry: { ip: '9.9.9.9' }, isLive: true })
    // Within its own network there is its own place.
    expect(table.seenInbound({ ...at(256, 0, '8.8.8.20') }, 1)).toEqual({ kind: 'known', isUpdated: true })
    expect(table.seenInbound({ ...node, ip: '10.0.0.1' }, 1)).toEqual({ kind: 'known', isUpdated: true })
  })

  test('are free again when a node moves or goes', () => {
    const { table } = createNodeTable({ limits: subnets })
    for (const n of [0, 1]) table.add(at(256, n, '8.8.8.8'), 0)
    table.seenInbound(at(256, 0, '9.9.9.9'), 0)
    expect(table.add(at(256, 2, '8.8.8.8'), 0).kind).toBe('added')
    table.remove(idAt(256, 1), 'banned', 0)
    expect(table.add(at(256, 3, '8.8.8.8'), 0).kind).toBe('added')
    expect(table.add(at(256, 4, '8.8.8.8'), 0).kind).toBe('refused')
  })
})
