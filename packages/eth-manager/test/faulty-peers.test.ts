import { afterEach, describe, expect, test } from 'vitest'
import { makeChain } from './chain-helper.ts'
import { expectStored, type Scene, setScene, until } from './sync-helper.ts'

let scene: Scene
afterEach(() => scene.sync.close())

describe('faulty peers', () => {
  test('a liar, a staller and one that vanishes beside an honest peer cost little and are named', async () => {
    const chain = makeChain({ length: 6000 })
    const alone = await setScene()
    alone.join({ name: 'honest', chain })
    const start = alone.clock.monotonicMs()
    await alone.clock.runUntil(alone.sync.synced)
    const aloneMs = alone.clock.monotonicMs() - start
    await alone.sync.close()

    scene = await setScene()
    scene.join({ name: 'honest', chain })
    const liar = scene.join({
      name: 'liar',
      chain,
      changeBody: (block) => (block.number % 50 === 7 ? chain[1]!.body : block.body),
    })
    let asked = 0
    const staller = scene.join({ name: 'staller', chain, stalls: () => asked++ > 4 })
    const vanisher = scene.join({ name: 'vanisher', chain })
    void until(scene.sync, () => scene.store.head().number > 500).then(() => vanisher.vanish())
    await scene.clock.runUntil(scene.sync.synced)
    expect(scene.clock.monotonicMs()).toBeLessThanOrEqual(aloneMs * 1.25)
    await expectStored(scene.store, chain)
    expect(liar.disconnectedWith).toBe(2)
    await scene.clock.advance(60_000)
    expect(staller.disconnectedWith).toBe(11)
    expect(scene.offences).toContainEqual({ peer: 'liar', offence: 'liar' })
    expect(scene.offences).toContainEqual({ peer: 'staller', offence: 'staller' })
    expect(scene.offences).toHaveLength(2)
    expect(scene.sync.progress().offences).toEqual({ liar: 1, staller: 1, stranger: 0 })
  })

  test('a peer on another chain is a stranger, and its headers are not taken', async () => {
    const chain = makeChain({ length: 4000 })
    const other = makeChain({ length: 4000, salt: 9 })
    scene = await setScene({ head: chain[4000]!.hash })
    scene.join({ name: 'honest', chain, latencyMs: 60 })
    const stranger = scene.join({ name: 'stranger', chain: other, latencyMs: 5 })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(scene.offences).toEqual([{ peer: 'stranger', offence: 'stranger' }])
    expect(stranger.disconnectedWith).toBe(3)
  })

  test('a liar about receipts is dropped', async () => {
    const chain = makeChain({ length: 500 })
    scene = await setScene()
    const liar = scene.join({
      name: 'liar',
      chain,
      latencyMs: 5,
      changeReceipts: (block) => (block.number === 100 ? chain[1]!.receipts : block.receipts),
    })
    await scene.clock.advance(10_000)
    expect(liar.disconnectedWith).toBe(2)
    expect(scene.sync.progress().state).toBe('blocks')
    scene.join({ name: 'honest', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
  })

  test('with the only peer gone, the tasks wait for the next one', async () => {
    const chain = makeChain({ length: 3000 })
    scene = await setScene()
    const first = scene.join({ name: 'first', chain })
    await scene.clock.runUntil(until(scene.sync, () => scene.store.head().number > 300))
    first.vanish()
    await scene.clock.advance(120_000)
    const height = scene.store.head().number
    expect(height).toBeLessThan(3000)
    expect(scene.sync.progress()).toMatchObject({ state: 'blocks', peers: 0 })
    scene.join({ name: 'second', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(scene.offences).toEqual([])
  })

  test('the only peer is kept when it stalls, and asked again', async () => {
    const chain = makeChain({ length: 1000 })
    scene = await setScene()
    let asked = 0
    const peer = scene.join({ name: 'only', chain, latencyMs: 5, stalls: () => ++asked === 6 })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(peer.disconnectedWith).toBeUndefined()
    expect(scene.offences).toEqual([{ peer: 'only', offence: 'staller' }])
  })

  test('bodies are asked only of peers whose range has them', async () => {
    const chain = makeChain({ length: 1000 })
    scene = await setScene()
    const pruned = scene.join({ name: 'pruned', chain, earliest: 900, latencyMs: 1 })
    scene.join({ name: 'full', chain, latencyMs: 50 })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(pruned.served.headers).toBeGreaterThan(100)
    expect(pruned.receiptRequests.flat().every((number) => number >= 900)).toBe(true)
    expect(pruned.served.bodies).toBeLessThanOrEqual(101)
  })

  test('a head that nobody can fill is given up for another after a while', async () => {
    const chain = makeChain({ length: 300 })
    const invented = makeChain({ length: 400, salt: 3, base: chain.slice(0, 201) })
    scene = await setScene()
    const isInvented = new Set(invented.slice(201))
    scene.join({ name: 'inventor', chain: invented, hides: (block) => isInvented.has(block) })
    scene.join({ name: 'honest', chain })
    const head = await scene.clock.runUntil(scene.sync.synced)
    expect(head.number).toBe(300)
    await expectStored(scene.store, chain)
  })

  test('where nobody answers, nothing counts as synced', async () => {
    const chain = makeChain({ length: 90 })
    scene = await setScene()
    scene.join({ name: 'honest', chain: chain.slice(0, 61) })
    await scene.clock.runUntil(scene.sync.synced)
    await scene.sync.close()
    scene = await setScene({ store: scene.store })
    scene.join({ name: 'mute', chain, stalls: () => true })
    await scene.clock.advance(100_000)
    expect(scene.sync.progress()).toMatchObject({ state: 'finding-head', head: { number: 60 } })
  })

  test('two peers together are faster than one', async () => {
    const chain = makeChain({ length: 4000 })
    const durations: number[] = []
    for (const count of [1, 2]) {
      scene = await setScene()
      for (let index = 0; index < count; index++) scene.join({ name: `peer ${index}`, chain, latencyMs: 100 })
      await scene.clock.runUntil(scene.sync.synced)
      durations.push(scene.clock.monotonicMs())
      await scene.sync.close()
    }
    expect(durations[1]).toBeLessThan(0.75 * durations[0]!)
  })
})
