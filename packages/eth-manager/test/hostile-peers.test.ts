import { encodeHeader } from '@ethwire/chain'
import { pureCrypto } from '@ethwire/crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { makeChain, type TestBlock } from './chain-helper.ts'
import { expectStored, type Scene, setScene, until } from './sync-helper.ts'

let scene: Scene
afterEach(() => scene.sync.close())

describe('hostile and unlucky peers', () => {
  test('a sync that is closed while it fills a skeleton that was complete leaves no rejection unhandled', async () => {
    const chain = makeChain({ length: 62 })
    scene = await setScene()
    const peer = scene.join({ name: 'peer', chain: chain.slice(0, 62), hides: ({ number }) => number === 62 })
    await scene.clock.runUntil(scene.sync.synced)
    peer.follow(chain)
    await scene.clock.runUntil(until(scene.sync, () => scene.sync.progress().state === 'blocks'))
    await scene.sync.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(scene.sync.progress().state).toBe('idle')
  })

  test('what nobody had is asked for again', async () => {
    const chain = makeChain({ length: 300 })
    scene = await setScene({ head: chain[300]!.hash })
    let hidden = true
    scene.join({ name: 'only', chain, hides: ({ number }) => hidden && number === 200 })
    await scene.clock.advance(30_000)
    expect(scene.store.head().number).toBe(199)
    hidden = false
    await scene.clock.advance(30_000)
    await expectStored(scene.store, chain)
  })

  test('a head whose number is no block number is a lie, and ends nothing', async () => {
    const chain = makeChain({ length: 300 })
    const fields = { ...chain[300]!.fields, number: 1n << 60n }
    const header = encodeHeader(fields)
    const far: TestBlock = {
      ...chain[300]!,
      number: Number(fields.number),
      fields,
      header,
      hash: pureCrypto.keccak256(header),
    }
    scene = await setScene()
    const liar = scene.join({ name: 'liar', chain, announce: far, latencyMs: 1 })
    const { getBlockHeaders } = liar
    liar.getBlockHeaders = async (query, options) =>
      query.start === far.hash ? [{ header: fields, hash: far.hash, raw: header }] : getBlockHeaders(query, options)
    scene.join({ name: 'honest', chain })
    await scene.clock.advance(30_000)
    await expectStored(scene.store, chain)
    expect(scene.offences).toEqual([{ peer: 'liar', offence: 'liar' }])
  })

  test('a listener that throws ends no sync', async () => {
    const chain = makeChain({ length: 300 })
    scene = await setScene()
    let heard = 0
    scene.sync.on('progress', () => {
      heard++
      throw new Error('a mistake of the user')
    })
    scene.join({ name: 'honest', chain })
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(heard).toBeGreaterThan(2)
  })
})
