import { createReputation } from '@ethwire/dialer'
import { IoError, sleep } from '@ethwire/io'
import { DisconnectReason } from '@ethwire/protocol'
import { describe, expect, test } from 'vitest'
import { EMPTY_LIST } from '../src/base-protocol.ts'
import { collect, createWorld, next, type World } from './support.ts'

/** A message that no subprotocol has. */
const BREACH = 200

async function server(world: World) {
  const reputation = createReputation({ clock: world.clock })
  return { reputation, server: await world.start(1, { reputation }) }
}

describe('with a reputation', () => {
  test('a peer that breaks the protocol is banned, and does not come in again', async () => {
    const world = createWorld({ ipOf: (n) => `32.0.${n}.1` })
    const { clock, start, raw } = world
    const { reputation, server: a } = await server(world)
    const { transport } = await raw(2, a)
    await transport.send(BREACH, EMPTY_LIST)
    const { peer } = await clock.runUntil(next(a, 'peer:drop'))
    expect(reputation.isBanned(peer.id, undefined)).toBe('node')
    await clock.advance(31_000)
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    const refused = collect(a, 'inbound:refused')
    const { error } = await clock.runUntil(next(b, 'dial:failed'))
    expect(error).toMatchObject({ code: 'P2P_DISCONNECTED', reason: DisconnectReason.Requested })
    expect(refused).toMatchObject([{ rule: 'banned', nodeIdHex: b.localNode.nodeIdHex }])
  })

  test('a trusted or static node is spared, and that is said', async () => {
    const world = createWorld()
    const { reputation, server: a } = await server(world)
    const b = await world.start(2)
    a.addTrustedPeer(b.localNode.enode)
    await world.clock.runUntil(b.close())
    const { transport } = await world.raw(2, a)
    await transport.send(BREACH, EMPTY_LIST)
    await world.clock.runUntil(next(a, 'peer:drop'))
    expect(reputation.state()).toMatchObject({ bannedNodes: 0, spared: 1 })
  })

  test('an address from which only nonsense comes is banned, and then closed unread, unless a trusted node is there', async () => {
    const world = createWorld({ ipOf: (n) => `32.0.${n}.1` })
    const { reputation, server: a } = await server(world)
    const refused = collect(a, 'inbound:refused')
    const knock = async (): Promise<void> => {
      const stream = await world.network.host('32.0.9.1').dial({ ip: '32.0.1.1', port: 30303 })
      // An auth of 0x0101 bytes that nobody has encrypted.
      await stream.write(new Uint8Array(400).fill(1)).catch(() => undefined)
      await world.clock.advance(31_000)
    }
    for (let n = 0; n < 4; n++) await knock()
    expect(reputation.isBanned(undefined, '32.0.9.1')).toBe('address')
    expect(refused).toEqual([])
    await knock()
    expect(refused.map(({ rule }) => rule)).toEqual(['banned'])
    const friend = await world.start(9)
    a.addTrustedPeer(friend.localNode.enode)
    friend.addPeer(a.localNode.enode)
    await world.clock.runUntil(next(a, 'peer:add'))
  })

  test('a peer that stayed has its dials forgiven; who parts without fault is not charged', async () => {
    const world = createWorld()
    const { reputation, server: a } = await server(world)
    const b = await world.start(2, { staticNodes: [a.localNode.enode] })
    await world.clock.runUntil(next(a, 'peer:add'))
    reputation.report({ nodeIdHex: b.localNode.nodeIdHex }, 'timeout')
    await world.clock.advance(60_000)
    await world.clock.runUntil(b.close())
    await world.clock.settle()
    expect(reputation.backoffMs(b.localNode.nodeIdHex)).toBe(0)
    expect(reputation.state().reports).toMatchObject({ timeout: 1, dropped: 0, breach: 0 })
  })

  test('a trusted node that a source names is dialled whatever is held against it, and its failed dials are spared', async () => {
    const world = createWorld({ ipOf: (n) => `32.0.${n}.1` })
    const { clock, start } = world
    const [b, c] = [await start(2), await start(3)]
    const reputation = createReputation({ clock })
    const { nodeIdHex, address } = b.localNode
    reputation.ban({ nodeIdHex })
    let isThere = false
    const { dial } = world.network.host('32.0.1.1')
    const source = {
      async *nodes() {
        for (;;) {
          yield address
          await sleep(clock, 5_000)
        }
      },
    }
    const a = await start(1, {
      ...{ reputation, sources: [source], trustedNodes: [b.localNode.enode], staticNodes: [c.localNode.enode] },
      dial: (endpoint, options) =>
        isThere || endpoint.ip === '32.0.3.1'
          ? dial(endpoint, options)
          : Promise.reject(new IoError('IO_REFUSED', 'no')),
    })
    const failed = collect(a, 'dial:failed')
    await clock.advance(300_000)
    // The first one failed while nobody else was connected, and counts for nothing anyway.
    expect(failed.length).toBeGreaterThanOrEqual(3)
    expect(reputation.state()).toMatchObject({ spared: failed.length - 1, scoredNodes: 0 })
    isThere = true
    await clock.advance(600_000)
    expect(a.peers().map(({ id }) => id)).toContain(nodeIdHex)
  })
})
