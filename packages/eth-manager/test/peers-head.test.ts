import { afterEach, describe, expect, test } from 'vitest'
import { makeChain } from './chain-helper.ts'
import { expectStored, type Scene, setScene } from './sync-helper.ts'

let scene: Scene
afterEach(() => scene.sync.close())

const chain = makeChain({ length: 1900 })
const fabricated = makeChain({ length: 2000, salt: 7 })

describe('a head that peers only claim', () => {
  test('a fabricated chain costs no honest peer its connection, and the chain of the many is taken', async () => {
    scene = await setScene()
    const liar = scene.join({ name: 'liar', chain: fabricated, latencyMs: 30 })
    const honest = ['a', 'b', 'c'].map((name) => scene.join({ name, chain, latencyMs: 10 }))
    const head = await scene.clock.runUntil(scene.sync.synced)
    expect(head.number).toBe(1900)
    await expectStored(scene.store, chain)
    for (const peer of honest) expect(peer.disconnectedWith).toBeUndefined()
    expect(scene.offences).toEqual([])
    // The liar goes on announcing, and is heard again after a while.
    const longer = makeChain({ length: 2100, salt: 7, base: fabricated })
    liar.follow(longer)
    await scene.clock.advance(900_000)
    await expectStored(scene.store, chain)
    for (const peer of honest) expect(peer.disconnectedWith).toBeUndefined()
  })

  test('one against one: nobody is dropped', async () => {
    scene = await setScene()
    scene.join({ name: 'liar', chain: fabricated, latencyMs: 30 })
    const honest = scene.join({ name: 'honest', chain, latencyMs: 10 })
    await scene.clock.runUntil(scene.sync.synced)
    expect(honest.disconnectedWith).toBeUndefined()
    expect(scene.offences).toEqual([])
  })

  test('a number far above what others announce is not sought at once, but in stages', async () => {
    scene = await setScene()
    const liar = scene.join({ name: 'liar', chain, announce: { ...fabricated[2000]!, number: 40_000_000 } })
    const asked: unknown[] = []
    const { getBlockHeaders } = liar
    liar.getBlockHeaders = (query, options) => {
      asked.push(query.start)
      return getBlockHeaders(query, options)
    }
    scene.join({ name: 'honest', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(asked[0]).toBe(91_900)
  })
})
