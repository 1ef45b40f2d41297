import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import type { NodeDatabase } from '../src/index.ts'
import { rowKey } from '../src/keys.ts'
import { answered, enodeNode, ipOf, recordNode } from './nodes.ts'
import { day, fakeNode, memoryLevel, openTest, startMs, type TestLevel, testClock } from './support.ts'

const geth = { count: 30, maxAgeMs: 5 * day }

/** Counts what is read in order, the way that a scan would show itself. */
function countingIterators(level: TestLevel): { seeks: number; rows: number } {
  const counts = { seeks: 0, rows: 0 }
  const original = level.iterator.bind(level)
  Object.assign(level, {
    iterator: (options: { limit?: number }) => {
      counts.seeks++
      counts.rows += options.limit ?? Number.POSITIVE_INFINITY
      return original(options as never)
    },
  })
  return counts
}

async function filled(level: TestLevel | undefined, count: number, atMs = startMs): Promise<NodeDatabase> {
  const nodes = await openTest(level)
  for (let index = 0; index < count; index++) answered(nodes, enodeNode(index), atMs)
  await nodes.flush()
  return nodes
}

describe.each(['a store', 'memory'])('seeds from %s', (kind) => {
  const make = (): TestLevel | undefined => (kind === 'memory' ? undefined : memoryLevel())

  test('are all there are where there are few', async () => {
    const nodes = await filled(make(), 7)
    const seeds = await nodes.seeds(geth)
    expect(seeds.map((node) => node.nodeIdHex).sort()).toEqual(
      Array.from({ length: 7 }, (_, index) => enodeNode(index).nodeIdHex).sort(),
    )
    await nodes.close()
  })

  test('are none of an empty database', async () => {
    const nodes = await openTest(make())
    expect(await nodes.seeds(geth)).toEqual([])
    await nodes.close()
  })

  test('are others each time, and each once', async () => {
    const nodes = await filled(make(), 300)
    const first = (await nodes.seeds(geth)).map((node) => node.nodeIdHex)
    const second = (await nodes.seeds(geth)).map((node) => node.nodeIdHex)
    for (const ids of [first, second]) expect(new Set(ids).size).toBe(30)
    expect(first.filter((id) => second.includes(id)).length).toBeLessThan(15)
    await nodes.close()
  })

  test('have answered at the address that they are given with, within the age', async () => {
    const clock = testClock()
    const nodes = await openTest(make(), { clock })
    answered(nodes, enodeNode(1), startMs - 6 * day)
    answered(nodes, enodeNode(2), startMs - 4 * day)
    answered(nodes, enodeNode(3), startMs)
    nodes.putNode(recordNode(3, ipOf(99)))
    expect((await nodes.seeds(geth)).map((node) => node.host)).toEqual([ipOf(2)])
    nodes.setLastPong(enodeNode(3).nodeIdHex, ipOf(99), startMs)
    expect((await nodes.seeds(geth)).map((node) => node.host).sort()).toEqual([ipOf(2), ipOf(99)].sort())
    await nodes.close()
  })

  test('case 12: of one subnet two at most, however many there are; of the LAN and this machine any', async () => {
    const nodes = await openTest(make(), { maxNodesPerSubnet: 1_000 })
    for (let index = 0; index < 300; index++) answered(nodes, enodeNode(index, `50.0.0.${index % 250}`), startMs)
    for (let index = 300; index < 600; index++) answered(nodes, enodeNode(index, ipOf(index)), startMs)
    const seeds = await nodes.seeds(geth)
    expect(seeds).toHaveLength(30)
    expect(seeds.filter((node) => node.host?.startsWith('50.0.0.')).length).toBeLessThanOrEqual(2)
    await nodes.close()
    const local = await openTest(make())
    for (let index = 0; index < 20; index++) answered(local, enodeNode(index, `127.0.0.${index + 1}`), startMs)
    expect(await local.seeds(geth)).toHaveLength(20)
    await local.close()
  })
})

test('seeds are looked up, at most 150 times, and never by reading all', async () => {
  const level = memoryLevel()
  const nodes = await openTest(level)
  // All too old: the search goes on as long as it may.
  for (let index = 0; index < 500; index++) answered(nodes, fakeNode(index), startMs - 6 * day)
  await nodes.flush()
  const counts = countingIterators(level)
  expect(await nodes.seeds(geth)).toEqual([])
  // A place behind the last node takes a second look, at the first.
  expect(counts.seeks).toBeGreaterThanOrEqual(150)
  expect(counts.seeks).toBeLessThanOrEqual(160)
  expect(counts.rows).toBe(counts.seeks)
  await nodes.seeds({ count: 1_000_000, maxAgeMs: day })
  expect(counts.rows).toBeLessThanOrEqual(160 + 160)
  await nodes.close()
})

test('what is left of nodes that are not known any more hides no seeds, and is not read through', async () => {
  const level = memoryLevel()
  const nodes = await filled(level, 3_000)
  await nodes.close()
  await level.open()
  // Of all but 200 nodes one row of the two is lost.
  const rows = await level.iterator({ gte: rowKey('contacts', '00'.repeat(32)), lt: Uint8Array.of(0x64) }).all()
  expect(rows).toHaveLength(3_000)
  await level.batch(rows.slice(200).map(([key]) => ({ type: 'del' as const, key })))
  await level.close()
  const again = await openTest(level)
  const counts = countingIterators(level)
  expect(await again.seeds(geth)).toHaveLength(30)
  expect(counts.seeks).toBeLessThanOrEqual(150)
  await again.close()
})

test('with nothing but such rows the search ends, too', async () => {
  const level = memoryLevel()
  const nodes = await filled(level, 1_000)
  for (let index = 0; index < 40; index++) answered(nodes, fakeNode(index), startMs - 6 * day)
  await nodes.flush()
  await nodes.close()
  await level.open()
  for (let index = 0; index < 1_000; index++) await level.del(rowKey('contacts', enodeNode(index).nodeIdHex))
  for (let index = 0; index < 40; index++) await level.del(rowKey('node', fakeNode(index).nodeIdHex))
  await level.close()
  const again = await openTest(level)
  const counts = countingIterators(level)
  expect(await again.seeds(geth)).toEqual([])
  expect(counts.rows).toBeLessThanOrEqual(310)
  await again.close()
})

test('seeds are found before their nodes are written, and no removed ones', async () => {
  const level = memoryLevel()
  const nodes = await openTest(level, { random: createSeededRandom(5) })
  for (let index = 0; index < 40; index++) answered(nodes, enodeNode(index), startMs)
  expect((await nodes.seeds(geth)).length).toBeGreaterThan(10)
  await nodes.flush()
  for (let index = 0; index < 39; index++) nodes.removeNode(enodeNode(index).nodeIdHex)
  const seeds = await nodes.seeds(geth)
  expect(seeds.every((node) => node.nodeIdHex === enodeNode(39).nodeIdHex)).toBe(true)
  await nodes.close()
})
