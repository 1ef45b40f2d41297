import { bucketSize, compareDistance, createLookup, maxReplacements } from '@ethwire/kbucket'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import {
  checkAll,
  createNodeTable,
  hex,
  idAt,
  type Node,
  nodeAt,
  nodesAt,
  type Recorded,
  self,
  subnets,
} from './nodes.ts'

const policies = ['geth-2026', 'geth-2018'] as const
const ids = 10_000

/** 10,000 random IDs at addresses. */
function attackers(ip: (n: number) => string): Node[] {
  const random = createSeededRandom(3)
  return Array.from({ length: ids }, (_, n) => ({ id: random.bytes(32), ip: ip(n), port: 1, seq: 0 }))
}

/** How many of these are in the table and waiting, and at most in one bucket. */
function present({ table }: Recorded, mine: (node: Node) => boolean): { table: number; bucket: number } {
  const counts = table
    .snapshot(0)
    .map(({ nodes, replacements }) => [...nodes, ...replacements].filter(({ entry }) => mine(entry)).length)
  return { table: counts.reduce((sum, count) => sum + count, 0), bucket: Math.max(...counts) }
}

describe.each(policies)('case 12: under the policy %s, of 10,000 IDs', (policy) => {
  test.each([
    ['from one IPv4 address', () => '8.8.8.8', 2, 10],
    ['from one IPv4 /24', (n: number) => `8.8.8.${n % 256}`, 2, 10],
    ['from one IPv6 /64', (n: number) => `2a00:1:2:3::${n.toString(16)}`, 2, 10],
    ['from the /64s of one IPv6 /48', (n: number) => `2a00:1:2:${n.toString(16)}::1`, 4, 20],
  ])('%s, no more than the limits come in, by whatever way', (_, ip, ofBucket, ofTable) => {
    const recorded = createNodeTable({ policy, limits: subnets })
    for (const [n, node] of attackers(ip).entries()) {
      if (n % 2 === 0) recorded.table.add(node, n)
      else recorded.table.seenInbound(node, n)
    }
    const { table, bucket } = present(recorded, () => true)
    expect(bucket).toBe(ofBucket)
    expect(table).toBeGreaterThan(ofTable / 2)
    expect(table).toBeLessThanOrEqual(ofTable)
    expect(recorded.decisions).toHaveLength(ids)
  })

  test('from 64 subnets, each has its limits', () => {
    const recorded = createNodeTable({ policy, limits: subnets })
    for (const node of attackers((n) => `8.8.${n % 64}.${n % 251}`)) recorded.table.add(node, 0)
    for (let subnet = 0; subnet < 64; subnet++) {
      const { table, bucket } = present(recorded, (node) => node.ip.startsWith(`8.8.${subnet}.`))
      expect(bucket).toBeLessThanOrEqual(2)
      expect(table).toBeLessThanOrEqual(10)
    }
  })

  test('of a local network, all are neighbours', () => {
    const recorded = createNodeTable({ policy, limits: subnets })
    for (const node of attackers(() => '10.0.0.1')) recorded.table.add(node, 0)
    expect(present(recorded, () => true).bucket).toBe(bucketSize + maxReplacements)
  })
})

describe.each(policies)('case 13: under the policy %s', (policy) => {
  test('a flood displaces no live node, only those who wait, and none of it is told to others', () => {
    const recorded = createNodeTable({ policy, limits: subnets })
    const { table } = recorded
    const honest = [256, 255, 254, 253].flatMap((distance) => nodesAt(distance, bucketSize))
    for (const node of honest) table.add(node, 0)
    const nowMs = checkAll(table)
    const flood = attackers((n) => `99.${n >> 8}.${n % 256}.1`)
    for (const node of flood) table.seenInbound(node, nowMs)
    for (const node of flood) table.seenInbound({ ...node, port: 2 }, nowMs)
    for (const { id } of honest) expect(table.get(id)).toMatchObject({ place: 'bucket', isLive: true })
    for (const { id } of flood) expect(table.tellable(id, 16).every((node) => node.ip.startsWith('20.'))).toBe(true)
    expect(table.randomNodes(honest.length).every((node) => node.ip.startsWith('20.'))).toBe(true)
    expect(recorded.decisions.some(({ kind }) => kind === 'removed')).toBe(false)
  })

  test('IDs ground close to ours fill the first bucket and no other, and the nearest of them are found', () => {
    const recorded = createNodeTable({ policy })
    const { table } = recorded
    const random = createSeededRandom(9)
    const ground = Array.from({ length: 500 }, (_, n) => {
      const id = random.bytes(32)
      // The same first 2, 3, 4, … bytes as ours.
      id.set(self.subarray(0, 2 + (n % 12)))
      return nodeAt(0, n, { id })
    })
    for (const node of ground) table.seenInbound(node, 0)
    table.add(nodeAt(256, 1), 0)
    expect([table.size, table.replacements]).toEqual([bucketSize + 1, maxReplacements])
    const kept = table.snapshot(0)[0]!.nodes.map(({ entry }) => entry)
    const nearest = kept.sort((a, b) => compareDistance(self, a.id, b.id)).map(({ id }) => hex(id))
    expect(table.closest(self, bucketSize).map(({ id }) => hex(id))).toEqual(nearest)
    expect(hex(table.closest(idAt(256, 2), 1)[0]!.id)).toBe(hex(idAt(256, 1)))
  })
})

test('a lookup for which ever nearer nodes are invented ends after 256 queries', () => {
  const target = new Uint8Array(32)
  let invented = 0
  const invent = (): Uint8Array => {
    const id = new Uint8Array(32)
    new DataView(id.buffer).setUint32(28, 0xffff_ffff - invented++)
    return id
  }
  const lookup = createLookup({ target, start: [invent()], idOf: (id) => id, keyOf: hex })
  while (!lookup.isDone) {
    const node = lookup.next()
    if (node !== undefined) lookup.answered(hex(node), Array.from({ length: 1000 }, invent))
  }
  expect(lookup.queries).toBe(256)
  expect(lookup.result()).toHaveLength(16)
})
