import { bucketSize, type TableNode } from '@ethwire/kbucket'
import { describe, expect, test } from 'vitest'
import { checkAll, createNodeTable, hex, idAt, type Node, nodeAt, nodesAt, type Recorded, self } from './nodes.ts'

/** One check of each node that is due next, all with this result. */
function check({ table }: Recorded, isAlive: boolean): { nowMs: number; nodes: TableNode<Node>[] } {
  const nowMs = table.nextCheckAtMs()!
  const nodes = table.takeChecks(nowMs)
  for (const node of nodes) table.checked(node, { isAlive }, nowMs)
  return { nowMs, nodes }
}

const list = ({ table }: Recorded): (string | undefined)[] =>
  table.snapshot(0).flatMap(({ nodes }) => nodes.map((node) => node.list))

describe('geth’s policy of 2026', () => {
  test('checks new nodes from the fast list within 3 s, and those that passed from the slow one within 9 s', () => {
    const recorded = createNodeTable()
    recorded.table.add(nodeAt(256, 1), 1000)
    let nowMs = 1000
    for (const [from, withinMs] of [
      ['fast', 3000],
      ['slow', 9000],
      ['slow', 9000],
    ] as const) {
      expect(list(recorded)).toEqual([from])
      const checked = check(recorded, true)
      expect(checked.nodes).toHaveLength(1)
      expect(checked.nowMs - nowMs).toBeLessThan(withinMs)
      nowMs = checked.nowMs
    }
    expect(recorded.table.get(idAt(256, 1))).toMatchObject({ checks: 3, isLive: true })
    expect(recorded.rulings()).toEqual(['added heard-of', ...Array(3).fill('alive check-passed')])
  })

  test('hands out one node of each list at a time, and none that is being checked', () => {
    const { table } = createNodeTable()
    for (const node of nodesAt(256, 4)) table.add(node, 0)
    const checking = new Set<TableNode<Node>>()
    for (let round = 0; round < 4; round++) {
      const due = table.takeChecks(table.nextCheckAtMs()!)
      expect(due).toHaveLength(1)
      checking.add(due[0]!)
    }
    expect(checking.size).toBe(4)
    expect(table.takeChecks(table.nextCheckAtMs()!)).toEqual([])
  })

  test('a node without credit is replaced at its first failure', () => {
    const recorded = createNodeTable()
    const { table, rulings } = recorded
    for (const node of nodesAt(256, bucketSize + 1)) table.add(node, 0)
    rulings()
    const nowMs = table.nextCheckAtMs()!
    const [node] = table.takeChecks(nowMs)
    const outcome = table.checked(node!, { isAlive: false }, nowMs)
    expect(outcome).toMatchObject({ kind: 'removed', node: { place: 'gone' }, replacedBy: { place: 'bucket' } })
    expect(rulings()).toEqual(['removed check-failed', 'added replacement'])
    expect([table.size, table.replacements]).toEqual([bucketSize, 0])
  })

  test('a failure costs two thirds of the checks, and a node stays live until nothing is left', () => {
    const recorded = createNodeTable()
    recorded.table.add(nodeAt(256, 1), 0)
    for (let passed = 0; passed < 10; passed++) check(recorded, true)
    recorded.rulings()
    const seen: unknown[] = []
    for (let failed = 0; failed < 3; failed++) {
      const { nodes } = check(recorded, false)
      seen.push([nodes[0]?.checks, nodes[0]?.isLive, nodes[0]?.place, ...list(recorded)])
    }
    expect(seen).toEqual([
      [3, true, 'bucket', 'fast'],
      [1, true, 'bucket', 'fast'],
      [0, false, 'gone'],
    ])
    expect(recorded.rulings()).toEqual(['failed check-failed', 'failed check-failed', 'removed check-failed'])
    expect(recorded.table.nextCheckAtMs()).toBeUndefined()
  })

  test('a node at a new endpoint comes to the fast list and keeps its checks', () => {
    const recorded = createNodeTable()
    const node = nodeAt(256, 1)
    recorded.table.add(node, 0)
    check(recorded, true)
    expect(list(recorded)).toEqual(['slow'])
    recorded.table.seenInbound({ ...node, port: 9 }, 0)
    expect(list(recorded)).toEqual(['fast'])
    expect(recorded.table.get(node.id)).toMatchObject({ checks: 1, isLive: false })
  })

  test('a check that brought a new endpoint leaves the node in the fast list, not live', () => {
    const recorded = createNodeTable()
    const { table } = recorded
    const node = nodeAt(256, 1)
    table.add(node, 0)
    const nowMs = table.nextCheckAtMs()!
    const [checked] = table.takeChecks(nowMs)
    table.checked(checked!, { isAlive: true, entry: { ...node, seq: 1, port: 9 } }, nowMs)
    expect([list(recorded), table.get(node.id)?.isLive]).toEqual([['fast'], false])
  })

  test('tells others of live nodes; of all as long as none is live', () => {
    const { table } = createNodeTable()
    for (const node of nodesAt(256, 5)) table.add(node, 0)
    expect(table.tellable(self, 16)).toHaveLength(5)
    const nowMs = table.nextCheckAtMs()!
    const [live] = table.takeChecks(nowMs)
    table.checked(live!, { isAlive: true }, nowMs)
    expect(table.tellable(self, 16)).toEqual([live!.entry])
    expect(table.closest(self, 16)).toHaveLength(5)
  })

  test('five failed queries in a row remove a node, but none of the last three of a bucket', () => {
    const { table, rulings } = createNodeTable()
    const [node, ...others] = nodesAt(256, 3)
    for (const each of [node!, ...others]) table.add(each, 0)
    rulings()
    for (let failures = 1; failures <= 4; failures++) {
      expect(table.queried(node!.id, false, 0)).toEqual({ failures, isRemoved: false })
    }
    expect(table.queried(node!.id, true, 0)).toEqual({ failures: 0, isRemoved: false })
    for (let failures = 1; failures <= 6; failures++) {
      expect(table.queried(node!.id, false, 0)).toEqual({ failures, isRemoved: false })
    }
    expect(rulings()).toEqual(Array(10).fill('query-failed no-nodes'))
    table.add(nodeAt(256, 9), 0)
    expect(table.queried(node!.id, false, 0)).toEqual({ failures: 7, isRemoved: true })
    expect(rulings()).toEqual(['added heard-of', 'query-failed no-nodes', 'removed queries-failed'])
  })

  test('one that waits takes the place of a node that failed its queries', () => {
    const { table } = createNodeTable()
    const nodes = nodesAt(256, bucketSize + 1)
    for (const node of nodes) table.add(node, 0)
    for (let failures = 1; failures < 5; failures++) table.queried(nodes[0]!.id, false, 0)
    const outcome = table.queried(nodes[0]!.id, false, 0)
    expect(hex(outcome.replacedBy!.entry.id)).toBe(hex(nodes.at(-1)!.id))
    expect([table.size, table.replacements]).toEqual([bucketSize, 0])
  })

  test('whoever speaks keeps its place', () => {
    const { table } = createNodeTable()
    const nodes = nodesAt(256, 3)
    for (const node of nodes) table.seenInbound(node, 0)
    table.seenInbound({ ...nodes[2]! }, 1)
    expect([...table.nodes()].map(({ entry }) => entry.id)).toEqual(nodes.map(({ id }) => id))
  })

  test('a node is established after more than five checks', () => {
    const recorded = createNodeTable()
    recorded.table.add(nodeAt(256, 1), 0)
    for (let passed = 0; passed < 5; passed++) check(recorded, true)
    const node = recorded.table.get(idAt(256, 1))!
    expect(recorded.table.isEstablished(node, 1e9)).toBe(false)
    check(recorded, true)
    expect(recorded.table.isEstablished(node, 0)).toBe(true)
    expect(recorded.table.snapshot(0)[16]?.nodes[0]?.isEstablished).toBe(true)
  })

  test('refreshes every 15 to 30 minutes', () => {
    const { table } = createNodeTable()
    const intervals = Array.from({ length: 200 }, () => table.refreshIntervalMs() / 60_000)
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(15)
    expect(Math.max(...intervals)).toBeLessThan(30)
    expect(new Set(intervals).size).toBeGreaterThan(100)
  })

  test('each node has its turn', () => {
    const { table } = createNodeTable()
    for (const distance of [256, 255, 254]) for (const node of nodesAt(distance, bucketSize)) table.add(node, 0)
    // 48 nodes, one about every 1.5 s: chance needs some times that.
    expect(checkAll(table)).toBeLessThan(48 * 1500 * 6)
  })
})
