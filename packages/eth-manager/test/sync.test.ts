import type { ChainStore } from '@ethwire/chain-store'
import { sleep } from '@ethwire/io'
import { createVirtualClock } from '@ethwire/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { makeChain, type TestBlock } from './chain-helper.ts'
import { expectStored, openStore, type Scene, setScene } from './sync-helper.ts'

let scene: Scene
afterEach(() => scene.sync.close())

describe('a store that takes its time', () => {
  test('makes no honest peer a liar', async () => {
    const chain = makeChain({ length: 2000 })
    const clock = createVirtualClock()
    const store = await openStore()
    const slow: ChainStore = {
      ...store,
      async extendSkeleton(headers) {
        await sleep(clock, 200)
        await store.extendSkeleton(headers)
      },
    }
    scene = await setScene({ clock, store: slow })
    scene.join({ name: 'one', chain })
    await clock.runUntil(scene.sync.synced)
    expect(scene.offences).toEqual([])
  })
})

describe('one peer', () => {
  test('a chain is synced with bodies and receipts from the one peer that is there', async () => {
    const chain = makeChain({ length: 3000 })
    scene = await setScene()
    scene.join({ name: 'only', chain })
    const head = await scene.clock.runUntil(scene.sync.synced)
    expect(head.number).toBe(3000)
    await expectStored(scene.store, chain)
    expect(scene.sync.progress().state).toBe('synced')
    expect(scene.offences).toEqual([])
  })

  test('empty blocks cost no request', async () => {
    const chain = makeChain({ length: 300 })
    scene = await setScene()
    const peer = scene.join({ name: 'only', chain })
    await scene.clock.runUntil(scene.sync.synced)
    expect(peer.served).toMatchObject({ bodies: 200, receipts: 200 })
  })

  test('is asked for 1,280 blocks beyond the last one that is stored, several for 2,048', async () => {
    const chain = makeChain({ length: 4000 })
    scene = await setScene()
    const hides = ({ number }: TestBlock): boolean => number === 1
    const peers = [scene.join({ name: 'one', chain, hides })]
    const furthest = (): number => Math.max(...peers.flatMap(({ receiptRequests }) => receiptRequests.flat()))
    await scene.clock.advance(30_000)
    expect(furthest()).toBe(1280)
    for (const name of ['two', 'three']) peers.push(scene.join({ name, chain, hides }))
    await scene.clock.advance(30_000)
    expect(furthest()).toBe(2048)
    for (const peer of peers.slice(1)) peer.vanish()
    scene.join({ name: 'whole', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
  })

  test('without receipts none are asked for', async () => {
    const chain = makeChain({ length: 100 })
    scene = await setScene({ receipts: false })
    const peer = scene.join({ name: 'only', chain })
    await scene.clock.runUntil(scene.sync.synced)
    expect(peer.receiptRequests).toEqual([])
    expect(await scene.store.receiptsByHash(chain[1]!.hash)).toBeUndefined()
  })

  test('short answers are followed by requests for the rest', async () => {
    const chain = makeChain({ length: 400 })
    scene = await setScene()
    scene.join({ name: 'terse', chain, maxItems: 7 })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(scene.offences).toEqual([])
  })

  test('progress goes through headers and blocks, with numbers that only grow', async () => {
    const chain = makeChain({ length: 2000 })
    scene = await setScene()
    const seen: { state: string; done: number; total: number }[] = []
    scene.sync.on('progress', (progress) => {
      if ('done' in progress) seen.push({ state: progress.state, done: progress.done, total: progress.total })
    })
    scene.join({ name: 'only', chain })
    await scene.clock.runUntil(scene.sync.synced)
    const headers = seen.filter(({ state }) => state === 'headers')
    const blocks = seen.filter(({ state }) => state === 'blocks')
    expect(headers.at(-1)).toMatchObject({ done: 2000, total: 2000 })
    expect(blocks.at(-1)).toMatchObject({ done: 2000, total: 2000 })
    expect(blocks.map(({ done }) => done)).toEqual(blocks.map(({ done }) => done).sort((a, b) => a - b))
  })
})

describe('the head', () => {
  test('a trusted hash is synced to, also where peers have more', async () => {
    const chain = makeChain({ length: 500 })
    scene = await setScene({ head: chain[350]!.hash })
    scene.join({ name: 'ahead', chain })
    const head = await scene.clock.runUntil(scene.sync.synced)
    expect(head.number).toBe(350)
    await expectStored(scene.store, chain.slice(0, 351))
  })

  test('a trusted hash that nobody has is waited for', async () => {
    const chain = makeChain({ length: 60 })
    scene = await setScene({ head: chain[60]!.hash })
    const peer = scene.join({ name: 'behind', chain: chain.slice(0, 50) })
    await scene.clock.advance(30_000)
    expect(scene.sync.progress().state).toBe('finding-head')
    peer.follow(chain)
    expect((await scene.clock.runUntil(scene.sync.synced)).number).toBe(60)
  })

  test('the best of the peers is synced to', async () => {
    const chain = makeChain({ length: 200 })
    scene = await setScene()
    scene.join({ name: 'low', chain: chain.slice(0, 100) })
    scene.join({ name: 'high', chain })
    expect((await scene.clock.runUntil(scene.sync.synced)).number).toBe(200)
  })

  test('newer heads are followed, whether announced or not', async () => {
    const chain = makeChain({ length: 200 })
    scene = await setScene()
    const peer = scene.join({ name: 'only', chain: chain.slice(0, 101) })
    await scene.clock.runUntil(scene.sync.synced)
    peer.follow(chain.slice(0, 104), { announce: false })
    await scene.clock.advance(15_000)
    await expectStored(scene.store, chain.slice(0, 104))
    peer.follow(chain)
    await scene.clock.advance(2_000)
    await expectStored(scene.store, chain)
  })

  test('who announces a head by the hash of another block is a liar', async () => {
    const chain = makeChain({ length: 50 })
    scene = await setScene()
    const liar = scene.join({ name: 'boaster', chain, announce: { ...chain[50]!, number: 5000 } })
    scene.join({ name: 'honest', chain })
    await scene.clock.runUntil(scene.sync.synced)
    expect(scene.offences).toEqual([{ peer: 'boaster', offence: 'liar' }])
    expect(liar.disconnectedWith).toBe(2)
  })

  test('peers that know the genesis alone do not count as a head', async () => {
    scene = await setScene()
    scene.join({ name: 'empty', chain: makeChain({ length: 0 }) })
    await scene.clock.advance(60_000)
    expect(scene.sync.progress().state).toBe('finding-head')
  })
})
