import { MemoryLevel } from 'memory-level'
import { afterEach, describe, expect, test } from 'vitest'
import { makeChain } from './chain-helper.ts'
import { expectStored, openStore, type Scene, setScene } from './sync-helper.ts'

let scene: Scene
afterEach(() => scene.sync.close())

const chain = makeChain({ length: 100 })
const oversized = ({ number }: { number: number }): boolean => number === 14

describe('receipts larger than a message', () => {
  test('are asked for alone, then marked with the reason; the sync counts as complete and says so', async () => {
    scene = await setScene()
    const told: number[] = []
    scene.sync.on('receipts:unavailable', ({ number }) => told.push(number))
    const peer = scene.join({ name: 'old', chain, version: 69, oversized })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain, { without: [14] })
    expect(peer.receiptRequests.filter((numbers) => numbers.includes(14)).at(-1)).toEqual([14])
    expect(peer.disconnectedWith).toBeUndefined()
    expect(told).toEqual([14])
    const { receiptsUnavailable } = scene.sync.progress()
    expect(receiptsUnavailable).toMatchObject([
      { number: 14, reason: expect.stringContaining('larger than a message') },
    ])
    expect(await scene.store.unavailableReceipts(10)).toMatchObject([{ number: 14 }])
    const requests = peer.receiptRequests.length
    await scene.clock.advance(120_000)
    expect(peer.receiptRequests.length).toBe(requests)
  })

  test('are fetched later from a peer that sends them in parts', async () => {
    scene = await setScene()
    scene.join({ name: 'old', chain, version: 69, oversized })
    await scene.clock.runUntil(scene.sync.synced)
    const stored = new Promise((resolve) => scene.sync.on('receipts:stored', ({ number }) => resolve(number)))
    scene.join({ name: 'new', chain, version: 70 })
    expect(await scene.clock.runUntil(stored)).toBe(14)
    await expectStored(scene.store, chain)
    expect(scene.sync.progress().receiptsUnavailable).toEqual([])
    expect(await scene.store.unavailableReceipts(10)).toEqual([])
  })

  test('are fetched after a restart, too', async () => {
    const db = new MemoryLevel()
    scene = await setScene({ store: await openStore(db) })
    scene.join({ name: 'old', chain, version: 69, oversized })
    await scene.clock.runUntil(scene.sync.synced)
    await scene.sync.close()
    await scene.store.close()
    scene = await setScene({ store: await openStore(db) })
    scene.join({ name: 'new', chain, version: 70 })
    await scene.clock.advance(5_000)
    await expectStored(scene.store, chain)
  })

  test('come from the peer that sends them in parts at once where there is one', async () => {
    scene = await setScene()
    scene.join({ name: 'old', chain, version: 69, oversized, latencyMs: 5 })
    scene.join({ name: 'new', chain, version: 70, latencyMs: 200 })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(scene.sync.progress().receiptsUnavailable).toEqual([])
  })

  test('are not given up on one peer’s word', async () => {
    scene = await setScene()
    scene.join({ name: 'liar', chain, version: 69, oversized: () => true, latencyMs: 1 })
    scene.join({ name: 'honest', chain, version: 69, latencyMs: 200 })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(scene.sync.progress().receiptsUnavailable).toEqual([])
  })

  test('are given up when three peers say so, and the others are spared', async () => {
    scene = await setScene()
    const peers = ['a', 'b', 'c', 'd', 'e'].map((name) => scene.join({ name, chain, version: 69, oversized }))
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain, { without: [14] })
    const alone = peers.flatMap(({ receiptRequests }) => receiptRequests).filter((numbers) => `${numbers}` === '14')
    expect(alone.length).toBeLessThanOrEqual(4)
  })

  test('one who claims so of every answer slows down nobody else', async () => {
    const long = makeChain({ length: 1500 })
    scene = await setScene()
    scene.join({ name: 'liar', chain: long, version: 69, oversized: () => true, latencyMs: 1 })
    const honest = scene.join({ name: 'honest', chain: long, version: 69, latencyMs: 20 })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, long)
    expect(honest.receiptRequests.length).toBeLessThan(100)
  })
})
