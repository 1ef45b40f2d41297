import { type ByteStream, type SocketEndpoint, sleep } from '@ethwire/io'
import { parseIp } from '@ethwire/netutil'
import { describe, expect, test } from 'vitest'
import { createInboundThrottle } from '../src/inbound-throttle.ts'
import { collect, createWorld, next, type World } from './support.ts'

/** Node n at an address that is not of a local network, each in a network of its own. */
const ipOf = (n: number): string => `32.0.${n}.1`

const at: SocketEndpoint = { ip: ipOf(1), port: 30303 }

/** Connects from an address and says nothing. */
async function knock({ network }: World, ip: string): Promise<ByteStream> {
  return await network.host(ip).dial(at)
}

/** Whether the other side has closed a stream by now. */
async function isClosed(stream: ByteStream): Promise<boolean> {
  return await Promise.race([stream.closed.then(() => true), new Promise<false>((done) => setImmediate(done, false))])
}

describe('the throttle', () => {
  const ip = (text: string) => parseIp(text) as NonNullable<ReturnType<typeof parseIp>>

  test.each([
    ['an address', '32.0.0.1', '32.0.0.1', false],
    ['its neighbour', '32.0.0.1', '32.0.0.2', true],
    ['an address of IPv6', '2a01::1', '2a01::1', false],
    ['another of its /64', '2a01::1', '2a01::ffff:1', false],
    ['another /64', '2a01::1', '2a01:0:0:1::1', true],
    ['IPv4 in the clothes of IPv6', '::ffff:32.0.0.1', '32.0.0.1', false],
    ['loopback', '127.0.0.1', '127.0.0.1', true],
    ['loopback of IPv6', '::1', '::1', true],
    ['a private network', '192.168.1.1', '192.168.1.1', true],
    ['a private network of IPv6', 'fd00::1', 'fd00::1', true],
  ])('case 55: treats the second connection of %s within 30 s as it should', (_, first, second, isAdmitted) => {
    const throttle = createInboundThrottle()
    expect(throttle.admits(ip(first), 0)).toBe(true)
    expect(throttle.admits(ip(second), 29_999)).toBe(isAdmitted)
    expect(throttle.admits(ip(second), 60_000)).toBe(true)
  })

  test('case 55: forgets after 30 s, and keeps no more than it may whoever comes', () => {
    const throttle = createInboundThrottle()
    for (let n = 0; n < 20_000; n++) throttle.admits(ip(`40.${n >> 16}.${(n >> 8) & 255}.${n & 255}`), n / 1000)
    expect(throttle.size).toBe(16_384)
    throttle.admits(ip('32.0.0.1'), 60_000)
    expect(throttle.size).toBe(1)
  })
})

describe('a server', () => {
  test('case 55: hears the same address once in 30 s, by whatever port it comes', async () => {
    const world = createWorld({ ipOf })
    const server = await world.start(1)
    const refused = collect(server, 'inbound:refused')
    const [first, second] = [await knock(world, ipOf(2)), await knock(world, ipOf(2))]
    await world.clock.advance(1_000)
    expect([await isClosed(first), await isClosed(second)]).toEqual([false, true])
    expect(refused).toMatchObject([{ remote: { ip: ipOf(2) }, nodeIdHex: undefined, rule: 'throttle' }])
    await world.clock.advance(29_000)
    const third = await knock(world, ipOf(2))
    await world.clock.advance(1_000)
    expect(await isClosed(third)).toBe(false)
  })

  test('case 55: has at most 50 in their handshake under a flood from 250 addresses', async () => {
    const world = createWorld({ ipOf })
    const server = await world.start(1)
    const refused = collect(server, 'inbound:refused')
    const failed = collect(server, 'inbound:failed')
    let most = 0
    let open = 0
    for (let second = 0; second < 60; second++) {
      for (let n = 0; n < 20; n++) {
        const stream = await knock(world, `40.0.${(second * 20 + n) % 250}.1`)
        open++
        void stream.closed.then(() => open--)
      }
      await world.clock.advance(1_000)
      most = Math.max(most, open)
    }
    expect(most).toBeLessThanOrEqual(50)
    const counts = Object.groupBy(refused, ({ rule }) => rule)
    expect(counts.throttle?.length).toBeGreaterThan(200)
    // Silent connections end after 5 s; what was heard twice was at least 30 s apart.
    expect(failed.every(({ error, stage }) => error.rule === 'setup-deadline' && stage === 'handshake')).toBe(true)
    expect(failed.length + open).toBeLessThanOrEqual(2 * 250)
  })

  test('case 21: makes its own peers under a flood that takes all handshakes', async () => {
    const world = createWorld({ ipOf })
    const server = await world.start(1)
    const other = await world.start(2)
    await flooded(world, async () => {
      server.addPeer(other.localNode.enode)
      const startMs = world.clock.monotonicMs()
      await world.clock.runUntil(next(server, 'peer:add'))
      expect(world.clock.monotonicMs() - startMs).toBeLessThan(2_000)
    })
  })

  test('case 56: hears a trusted node under a flood that takes all handshakes', async () => {
    const world = createWorld({ ipOf })
    const trusted = await world.start(2)
    const server = await world.start(1, { trustedNodes: [trusted.localNode.enode] })
    const stranger = await world.start(3)
    await flooded(world, async () => {
      trusted.addPeer(server.localNode.enode)
      stranger.addPeer(server.localNode.enode)
      const { peer } = await world.clock.runUntil(next(server, 'peer:add'))
      expect(peer.id).toBe(trusted.localNode.nodeIdHex)
      expect(stranger.peers()).toEqual([])
    })
  })

  test('case 56: hears one that is trusted by name, at whatever address the name stands for by now', async () => {
    const world = createWorld({ ipOf })
    const { clock } = world
    const trusted = await world.start(2)
    let ips = ['44.0.0.1']
    const server = await world.start(1, {
      trustedNodes: [trusted.localNode.enode.replace(ipOf(2), 'friend.example')],
      resolver: { addresses: async () => ips, texts: async () => [] },
    })
    ips = [ipOf(2)]
    await clock.advance(601_000)
    await flooded(world, async () => {
      trusted.addPeer(server.localNode.enode)
      const { peer } = await clock.runUntil(next(server, 'peer:add'))
      expect(peer.id).toBe(trusted.localNode.nodeIdHex)
    })
    const later = await world.start(3)
    ips = [ipOf(3)]
    server.addTrustedPeer(later.localNode.enode.replace(ipOf(3), 'later.example'))
    await flooded(world, async () => {
      later.addPeer(server.localNode.enode)
      const { peer } = await clock.runUntil(next(server, 'peer:add'))
      expect(peer.id).toBe(later.localNode.nodeIdHex)
    })
  })

  test('case 56: keeps places for its own dials and for trusted nodes when strangers take all others', async () => {
    const world = createWorld({ ipOf })
    const { clock, start } = world
    const [honest, friend] = [await start(2), await start(3)]
    const server = await start(1, { maxPeers: 6, dialRatio: 3, trustedNodes: [friend.localNode.enode] })
    const refused = collect(server, 'inbound:refused')
    for (let n = 10; n < 20; n++) await start(n, { staticNodes: [server.localNode.enode] })
    await clock.advance(5_000)
    expect(server.peers()).toHaveLength(4)
    expect(new Set(refused.map(({ rule }) => rule))).toEqual(new Set(['inbound-quota']))
    friend.addPeer(server.localNode.enode)
    server.addPeer(honest.localNode.enode)
    await clock.advance(10_000)
    const ids = new Set(server.peers().map(({ id }) => id))
    expect(ids.has(honest.localNode.nodeIdHex) && ids.has(friend.localNode.nodeIdHex)).toBe(true)
  })

  test('case 20: gives a connection 5 s for handshake and hello together, however it drips', async () => {
    const world = createWorld({ ipOf })
    const server = await world.start(1)
    const failed = collect(server, 'inbound:failed')
    const streams = await Promise.all(Array.from({ length: 50 }, (_, n) => knock(world, `40.0.${n}.1`)))
    const dripping = streams.map(async (stream) => {
      for (;;) {
        await stream.write(Uint8Array.of(1)).catch(() => undefined)
        if (await isClosed(stream)) return
        await sleep(world.clock, 4_000)
      }
    })
    await world.clock.advance(5_000)
    expect(failed).toHaveLength(50)
    // Their places are free again.
    await world.start(2, { staticNodes: [server.localNode.enode] })
    await world.clock.runUntil(next(server, 'peer:add'))
    await world.clock.runUntil(Promise.all(dripping))
  })
})

/** Runs work while new silent connections of ever new addresses take each place for handshakes as soon as it is free. */
async function flooded(world: World, work: () => Promise<void>): Promise<void> {
  let isOver = false
  let n = 0
  const flood = async (): Promise<void> => {
    while (!isOver) {
      for (let i = 0; i < 60; i++, n++) await knock(world, `41.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
      await sleep(world.clock, 200)
    }
  }
  const flooding = flood()
  await world.clock.advance(1_000)
  await work()
  isOver = true
  await world.clock.runUntil(flooding)
}
