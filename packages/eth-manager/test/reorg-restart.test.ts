import { encodeHeader } from '@ethwire/chain'
import { pureCrypto } from '@ethwire/crypto'
import { MemoryLevel } from 'memory-level'
import { afterEach, describe, expect, test } from 'vitest'
import { makeChain, type TestBlock } from './chain-helper.ts'
import { expectStored, openStore, type Scene, setScene, until } from './sync-helper.ts'

let scene: Scene
afterEach(() => scene.sync.close())

describe('restart', () => {
  test('a sync that was closed goes on with the blocks it had', async () => {
    const chain = makeChain({ length: 3000 })
    const db = new MemoryLevel()
    scene = await setScene({ store: await openStore(db) })
    scene.join({ name: 'first', chain })
    await scene.clock.runUntil(until(scene.sync, () => scene.store.head().number > 700))
    await scene.sync.close()
    expect(scene.sync.progress().state).toBe('idle')
    const height = scene.store.head().number
    await scene.store.close()

    scene = await setScene({ store: await openStore(db) })
    expect(scene.store.head().number).toBe(height)
    const peer = scene.join({ name: 'second', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(peer.served.bodies).toBeLessThan(3000 - height)
    // The skeleton was there.
    expect(peer.served.headers).toBeLessThan(100)
  })

  test('a skeleton that was cut off is completed from where it was', async () => {
    const chain = makeChain({ length: 5000 })
    const db = new MemoryLevel()
    scene = await setScene({ store: await openStore(db), head: chain[5000]!.hash })
    scene.join({ name: 'first', chain, latencyMs: 200 })
    const isHalf = (): boolean => {
      const progress = scene.sync.progress()
      return progress.state === 'headers' && progress.done > 2000
    }
    await scene.clock.runUntil(until(scene.sync, isHalf))
    await scene.sync.close()
    await scene.store.close()

    scene = await setScene({ store: await openStore(db), head: chain[5000]!.hash })
    const peer = scene.join({ name: 'second', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(peer.served.headers).toBeLessThan(3200)
  })

  test('closing is idempotent, and a head that was not reached is told so', async () => {
    scene = await setScene()
    await Promise.all([scene.sync.close(), scene.sync.close()])
    await expect(scene.sync.synced).rejects.toMatchObject({ code: 'SYNC_CLOSED' })
    expect(scene.clock.timers).toBe(0)
  })
})

describe('reorganisations', () => {
  test('when the chain has changed below, the store goes back to where the chains part', async () => {
    const chain = makeChain({ length: 300 })
    const other = makeChain({ length: 420, salt: 5, base: chain.slice(0, 251) })
    scene = await setScene()
    const peer = scene.join({ name: 'only', chain })
    await scene.clock.runUntil(scene.sync.synced)
    peer.follow(other)
    await scene.clock.advance(5_000)
    await expectStored(scene.store, other)
  })

  test('a trusted head on a shorter branch is gone to', async () => {
    const chain = makeChain({ length: 300 })
    const other = makeChain({ length: 280, salt: 5, base: chain.slice(0, 101) })
    const store = await openStore()
    scene = await setScene({ store })
    scene.join({ name: 'a', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await scene.sync.close()
    scene = await setScene({ store, head: other[280]!.hash })
    scene.join({ name: 'b', chain: other })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, other)
  })

  test('a trusted head whose chain has another genesis fails with the reason', async () => {
    const foreign = makeForeign(40)
    scene = await setScene({ head: foreign.at(-1)!.hash })
    scene.join({ name: 'a', chain: foreign })
    await expect(scene.clock.runUntil(scene.sync.synced)).rejects.toMatchObject({ code: 'SYNC_FOREIGN_HEAD' })
    expect(scene.sync.progress().state).toBe('failed')
    expect(scene.store.head().number).toBe(0)
  })
})

describe('header rules', () => {
  test('a trusted head with a header against the rules fails with the reason, and stores nothing of it', async () => {
    const chain = makeChain({ length: 200 })
    const bad = makeChain({ length: 260, base: [...chain, breakRules(chain[200]!)] })
    scene = await setScene({ head: bad[260]!.hash })
    scene.join({ name: 'a', chain: bad })
    await expect(scene.clock.runUntil(scene.sync.synced)).rejects.toMatchObject({ code: 'SYNC_BAD_HEAD' })
    expect(scene.store.head().number).toBeLessThanOrEqual(200)
  })

  test("a head of a peer's against the rules is refused, and another is taken", async () => {
    const chain = makeChain({ length: 200 })
    const bad = makeChain({ length: 260, base: [...chain, breakRules(chain[200]!)] })
    scene = await setScene()
    const announcer = scene.join({ name: 'bad', chain: bad })
    scene.join({ name: 'good', chain })
    expect((await scene.clock.runUntil(scene.sync.synced)).number).toBe(200)
    await expectStored(scene.store, chain)
    expect(announcer.disconnectedWith).toBe(2)
    expect(scene.offences).toEqual([{ peer: 'bad', offence: 'liar' }])
  })
})

/** A child whose gas limit is out of bounds. */
function breakRules(parent: TestBlock): TestBlock {
  const [, child] = makeChain({ length: 1, base: [{ ...parent, number: 0 }] })
  const fields = { ...child!.fields, number: parent.fields.number + 1n, gasLimit: 60_000_000n }
  const header = encodeHeader(fields)
  return { ...child!, number: parent.number + 1, fields, header, hash: pureCrypto.keccak256(header) }
}

/** A chain on a genesis with another time. */
function makeForeign(length: number): TestBlock[] {
  const [genesis] = makeChain({ length: 0 })
  const fields = { ...genesis!.fields, timestamp: genesis!.fields.timestamp + 1n }
  const header = encodeHeader(fields)
  return makeChain({ length, base: [{ ...genesis!, fields, header, hash: pureCrypto.keccak256(header) }] })
}
