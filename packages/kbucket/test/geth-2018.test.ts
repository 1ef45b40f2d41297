import { bucketSize } from '@ethwire/kbucket'
import { describe, expect, test } from 'vitest'
import { createNodeTable, hex, idAt, nodeAt, nodesAt, type Recorded, self } from './nodes.ts'

const create = (): Recorded => createNodeTable({ policy: 'geth-2018' })

/** The nodes of the farthest bucket, first to last. */
const order = ({ table }: Recorded): number[] =>
  table.snapshot(0)[16]!.nodes.map(({ entry }) => new DataView(entry.id.buffer).getUint32(28))

function check({ table }: Recorded, isAlive: boolean): number {
  const nowMs = table.nextCheckAtMs()!
  const [node] = table.takeChecks(nowMs)
  table.checked(node!, { isAlive }, nowMs)
  return nowMs
}

describe('geth’s policy of 2018', () => {
  test('those heard of come last, those who bond with us first, and again each time they do', () => {
    const recorded = create()
    for (const n of [1, 2]) recorded.table.add(nodeAt(256, n), 0)
    for (const n of [3, 4]) recorded.table.seenInbound(nodeAt(256, n), 0)
    expect(order(recorded)).toEqual([4, 3, 1, 2])
    recorded.table.seenInbound(nodeAt(256, 2), 0)
    expect(order(recorded)).toEqual([2, 4, 3, 1])
    recorded.table.add(nodeAt(256, 1), 0)
    expect(order(recorded)).toEqual([2, 4, 3, 1])
    expect(recorded.rulings()).toEqual([...Array(2).fill('added heard-of'), ...Array(2).fill('added spoke-to-us')])
  })

  test('the last of a bucket is checked within 10 s; who passes comes to the front', () => {
    const recorded = create()
    for (const n of [1, 2, 3]) recorded.table.add(nodeAt(256, n), 1000)
    let nowMs = 1000
    for (const expected of [
      [3, 1, 2],
      [2, 3, 1],
      [1, 2, 3],
    ]) {
      const checkedAtMs = check(recorded, true)
      expect(checkedAtMs - nowMs).toBeLessThan(10_000)
      nowMs = checkedAtMs
      expect(order(recorded)).toEqual(expected)
    }
    expect(recorded.table.get(idAt(256, 3))).toMatchObject({ checks: 1, isLive: true })
  })

  test('one check at a time; the next is due from its end', () => {
    const { table } = create()
    for (const node of nodesAt(256, 3)) table.add(node, 0)
    const [node] = table.takeChecks(table.nextCheckAtMs()!)
    expect(table.nextCheckAtMs()).toBeUndefined()
    table.add(nodeAt(256, 9), 0)
    table.remove(idAt(256, 0), 'banned', 0)
    expect(table.nextCheckAtMs()).toBeUndefined()
    expect(table.takeChecks(1e9)).toEqual([])
    table.checked(node!, { isAlive: true }, 50_000)
    expect(table.nextCheckAtMs()).toBeGreaterThanOrEqual(50_000)
    expect(table.nextCheckAtMs()).toBeLessThan(60_000)
  })

  test('who fails is replaced by one of those who wait, however often it passed before', () => {
    const recorded = create()
    const { table } = recorded
    for (const node of nodesAt(256, bucketSize)) table.add(node, 0)
    for (let passed = 0; passed < bucketSize; passed++) check(recorded, true)
    table.add(nodeAt(256, 77), 0)
    recorded.rulings()
    check(recorded, false)
    expect(recorded.rulings()).toEqual(['removed check-failed', 'added replacement'])
    expect(order(recorded)).toEqual([...Array.from({ length: bucketSize - 1 }, (_, n) => n), 77])
  })

  test('who is no longer the last when it fails stays', () => {
    const recorded = create()
    const { table } = recorded
    for (const n of [1, 2]) table.add(nodeAt(256, n), 0)
    const nowMs = table.nextCheckAtMs()!
    const [node] = table.takeChecks(nowMs)
    table.seenInbound(nodeAt(256, 2), nowMs)
    expect(table.checked(node!, { isAlive: false }, nowMs)).toMatchObject({ kind: 'failed' })
    expect(order(recorded)).toEqual([2, 1])
    expect(recorded.rulings().at(-1)).toBe('failed check-failed')
    expect(table.nextCheckAtMs()).toBeDefined()
  })

  test('checks go on when the node being checked is removed', () => {
    const { table } = create()
    for (const n of [1, 2]) table.add(nodeAt(256, n), 0)
    const [node] = table.takeChecks(table.nextCheckAtMs()!)
    table.remove(node!.entry.id, 'banned', 20_000)
    expect(table.nextCheckAtMs()).toBeGreaterThanOrEqual(20_000)
    table.remove(idAt(256, 1), 'banned', 20_000)
    expect(table.takeChecks(table.nextCheckAtMs()!)).toEqual([])
    table.add(nodeAt(256, 3), 50_000)
    expect(table.nextCheckAtMs()).toBeGreaterThanOrEqual(50_000)
  })

  test('tells others of nodes that passed a check and of no others', () => {
    const recorded = create()
    for (const node of nodesAt(256, 3)) recorded.table.add(node, 0)
    expect(recorded.table.tellable(self, 16)).toEqual([])
    check(recorded, true)
    expect(recorded.table.tellable(self, 16).map(({ id }) => hex(id))).toEqual([hex(idAt(256, 2))])
    expect(recorded.table.closest(self, 16)).toHaveLength(3)
  })

  test('the fifth failed query drops a node, an answer takes one failure back, and nobody follows', () => {
    const recorded = create()
    const { table } = recorded
    for (const node of nodesAt(256, bucketSize + 1)) table.add(node, 0)
    const { id } = nodeAt(256, 0)
    for (const failures of [1, 2, 3, 4]) expect(table.queried(id, false, 0)).toEqual({ failures, isRemoved: false })
    expect(table.queried(id, true, 0)).toEqual({ failures: 3, isRemoved: false })
    expect(table.queried(id, false, 0)).toEqual({ failures: 4, isRemoved: false })
    expect(table.queried(id, false, 0)).toEqual({ failures: 5, isRemoved: true })
    expect([table.size, table.replacements]).toEqual([bucketSize - 1, 1])
    // Who waits comes in when it is heard of again.
    expect(table.add(nodeAt(256, bucketSize), 3)).toEqual({ kind: 'added' })
    expect([table.size, table.replacements]).toEqual([bucketSize, 0])
    expect(table.get(idAt(256, bucketSize))).toMatchObject({ addedAtMs: 0, inBucketAtMs: 3, place: 'bucket' })
  })

  test('a live node is established after five minutes', () => {
    const recorded = create()
    const { table } = recorded
    table.add(nodeAt(256, 1), 0)
    const node = table.get(idAt(256, 1))!
    expect(table.isEstablished(node, 300_000)).toBe(false)
    check(recorded, true)
    expect(table.isEstablished(node, 299_999)).toBe(false)
    expect(table.isEstablished(node, 300_000)).toBe(true)
    table.remove(node.entry.id, 'banned', 300_000)
    expect(table.isEstablished(node, 300_000)).toBe(false)
  })

  test('refreshes every 30 minutes', () => {
    expect(create().table.refreshIntervalMs()).toBe(30 * 60_000)
  })
})
