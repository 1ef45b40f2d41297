import { describe, expect, it } from 'vitest'
import { createWorld, type Stranger, type TestNode, type World } from './harness.ts'

const lie = { ip: '8.8.4.4', port: 40404 }

/** Strangers with a proof who say that we are at `lie`. */
async function liars(world: World, ours: TestNode, numbers: readonly number[]): Promise<Stranger[]> {
  const strangers: Stranger[] = []
  for (const number of numbers) {
    const liar = await world.stranger(number, `32.1.${number}.1`)
    liar.onPacket = ({ packet, hash, from }) => {
      if (packet.type === 'ping') liar.send({ type: 'pong', pingHash: hash }, from)
    }
    liar.send({ type: 'ping', to: lie }, ours.local)
    strangers.push(liar)
  }
  await world.clock.advance(100)
  return strangers
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n)

describe('our own endpoint', () => {
  it('is what others see, once ten of them agree', async () => {
    const world = createWorld()
    const ours = await world.node(0, '32.0.0.1')
    ours.localNode.setFallbackIp('127.0.0.1')
    for (const number of range(1, 10)) await (await world.stranger(number, `32.1.${number}.1`)).bond(ours.local)
    expect(ours.localNode.address.host).toBe('127.0.0.1')
    await (await world.stranger(10, '32.1.10.1')).bond(ours.local)
    expect(ours.localNode.address).toMatchObject({ host: '32.0.0.1', udpPort: 30303 })
  })

  it('case 14: nine liars change nothing, fifty change it once in five minutes', async () => {
    const world = createWorld()
    const ours = await world.node(0, '32.0.0.1')
    const { seq } = ours.localNode
    const changes: number[] = []
    ours.localNode.onChange(() => changes.push(world.clock.monotonicMs()))
    const nine = await liars(world, ours, range(1, 10))
    for (const liar of nine) liar.send({ type: 'ping', to: lie }, ours.local)
    await world.clock.advance(1000)
    expect(ours.localNode.seq).toBe(seq)
    const fifty = [...nine, ...(await liars(world, ours, range(10, 51)))]
    for (let round = 0; round < 60; round++) {
      for (const [index, liar] of fifty.entries()) {
        liar.send({ type: 'ping', to: { ...lie, port: 1024 + ((round + index) & 1) } }, ours.local)
      }
      await world.clock.advance(20_000)
    }
    // Twenty minutes.
    expect(changes.length).toBeLessThanOrEqual(5)
  })

  it('case 14: many at one network have one vote, and those without a proof none', async () => {
    const world = createWorld()
    const ours = await world.node(0, '32.0.0.1')
    const { seq } = ours.localNode
    for (const number of range(1, 31)) {
      const liar = await world.stranger(number, `32.1.1.${number}`)
      liar.answerPings()
      liar.send({ type: 'ping', to: lie }, ours.local)
      await world.clock.advance(10)
      liar.send({ type: 'ping', to: lie }, ours.local)
    }
    for (const number of range(31, 61)) {
      const unproven = await world.stranger(number, `32.2.${number}.1`)
      unproven.send({ type: 'ping', to: lie }, ours.local)
    }
    await world.clock.advance(1000)
    expect(ours.localNode.seq).toBe(seq)
  })

  it('is left alone where it is known', async () => {
    const world = createWorld()
    const ours = await world.node(0, '32.0.0.1', { predictEndpoint: false })
    const { seq } = ours.localNode
    for (const liar of await liars(world, ours, range(1, 31))) liar.send({ type: 'ping', to: lie }, ours.local)
    await world.clock.advance(1000)
    expect(ours.localNode.seq).toBe(seq)
  })
})
