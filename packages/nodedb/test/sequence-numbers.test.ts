import { createLocalNode, tcpEntry } from '@ethwire/enr'
import { describe, expect, test } from 'vitest'
import type { NodeDatabase } from '../src/index.ts'
import { privateKeyOf, recordNode } from './nodes.ts'
import { memoryLevel, openTest, startMs, testClock } from './support.ts'

const { nodeId } = recordNode(1)

/** Gives out as many records as it is told. */
async function signSome(nodes: NodeDatabase, count: number): Promise<bigint[]> {
  const localNode = await createLocalNode({ privateKey: privateKeyOf(1), sequenceStore: nodes, clock: testClock() })
  const numbers: bigint[] = []
  for (let i = 0; i < count; i++) {
    localNode.set(tcpEntry, 1_000 + i)
    numbers.push(localNode.seq)
  }
  await localNode.flush()
  return numbers
}

describe('the local sequence number', () => {
  test('begins with the time and goes up by one', async () => {
    const nodes = await openTest(memoryLevel())
    expect(await signSome(nodes, 3)).toEqual([0n, 1n, 2n].map((n) => BigInt(startMs) + n))
    await nodes.close()
  })

  test('never falls, even if nothing of a run was written after its first record went out', async () => {
    const level = memoryLevel()
    const first = await openTest(level)
    const { nodeId: id } = recordNode(1)
    const used = (await first.load(id)) as bigint
    // Killed here: up to 64 records may be out.
    const second = await openTest(level)
    const next = (await second.load(id)) as bigint
    expect(next).toBe(used + 64n)
    await second.close()
    await first.close()
  })

  test('never falls, however many records are signed before the disk is ready', async () => {
    const level = memoryLevel()
    let last = 0n
    for (let run = 0; run < 5; run++) {
      const nodes = await openTest(level)
      for (const seq of await signSome(nodes, 40 + run)) {
        expect(seq).toBeGreaterThan(last)
        last = seq
      }
      await nodes.close()
    }
  })

  test('is written to the disk, not only to its cache, and seldom', async () => {
    const level = memoryLevel()
    const nodes = await openTest(level)
    const synced: boolean[] = []
    const batch = level.batch.bind(level) as (...args: unknown[]) => unknown
    Object.assign(level, {
      batch: (operations: unknown, options: { sync?: boolean }) => {
        synced.push(options.sync === true)
        return batch(operations, options)
      },
    })
    await signSome(nodes, 100)
    expect(synced).toEqual([true, true, true, true])
    await nodes.close()
  })

  test('is of each local node', async () => {
    const level = memoryLevel()
    const nodes = await openTest(level)
    await nodes.load(nodeId)
    await nodes.save(nodeId, BigInt(startMs) + 10_000n)
    // One that is behind changes nothing.
    await nodes.save(nodeId, 5n)
    await nodes.load(recordNode(2).nodeId)
    await nodes.close()
    const again = await openTest(level)
    expect(await again.load(nodeId)).toBe(BigInt(startMs) + 10_064n)
    expect(await again.load(recordNode(2).nodeId)).toBe(BigInt(startMs) + 63n)
    await again.close()
  })

  test('ends where 64 bits end', async () => {
    const level = memoryLevel()
    const nodes = await openTest(level)
    await nodes.save(nodeId, (1n << 64n) - 1n)
    expect(await nodes.load(nodeId)).toBe((1n << 64n) - 1n)
    await nodes.close()
  })

  test('is the time where the store cannot keep it: higher than all that began so', async () => {
    const level = memoryLevel()
    const nodes = await openTest(level)
    await nodes.save(nodeId, 500n)
    Object.assign(level, { batch: () => Promise.reject(new Error('IO error')) })
    expect(await nodes.load(nodeId)).toBe(BigInt(startMs) - 1n)
    await nodes.close()
  })

  test('lives as long as the database in memory', async () => {
    const nodes = await openTest(undefined)
    expect(await nodes.load(nodeId)).toBeUndefined()
    await nodes.save(nodeId, 7n)
    expect(await nodes.load(nodeId)).toBe(7n)
    await nodes.close()
  })
})
