import type { DatagramSocket, SocketEndpoint } from '@ethwire/io'
import { describe, expect, it } from 'vitest'
import { createMemoryDatagramNetwork, createVirtualClock, type NatKind, type VirtualClock } from '../src/index.ts'

const outerIp = '203.0.113.1'

interface House {
  readonly clock: VirtualClock
  readonly network: ReturnType<typeof createMemoryDatagramNetwork>
  readonly inner: DatagramSocket
  readonly server: DatagramSocket
  /** Another port of the server's host. */
  readonly serverOther: DatagramSocket
  readonly stranger: DatagramSocket
  /** Sends one packet and gives its sender as the receiver sees it; undefined when it did not come. */
  sent(from: DatagramSocket, to: SocketEndpoint, receiver: DatagramSocket): Promise<SocketEndpoint | undefined>
}

async function createHouse(kind: NatKind): Promise<House> {
  const clock = createVirtualClock()
  const network = createMemoryDatagramNetwork({ clock })
  const nat = network.nat({ ip: outerIp, kind })
  const sockets = {
    inner: await nat.host('192.168.0.2').bind({ ip: '0.0.0.0', port: 30303 }),
    server: await network.bind({ ip: '198.51.100.1', port: 30303 }),
    serverOther: await network.bind({ ip: '198.51.100.1', port: 30304 }),
    stranger: await network.bind({ ip: '198.51.100.2', port: 30303 }),
  }
  const seen = new Map<DatagramSocket, SocketEndpoint[]>()
  for (const socket of Object.values(sockets)) {
    const senders: SocketEndpoint[] = []
    seen.set(socket, senders)
    void (async () => {
      for await (const { from } of socket) senders.push(from)
    })()
  }
  return {
    clock,
    network,
    ...sockets,
    async sent(from, to, receiver) {
      await from.send(Uint8Array.of(1), to)
      await clock.settle()
      return seen.get(receiver)?.pop()
    },
  }
}

/** Who may send to the endpoint that a server saw: that server, its other port, a stranger. */
const openings: readonly [NatKind, sees: readonly boolean[]][] = [
  ['full-cone', [true, true, true]],
  ['restricted', [true, true, false]],
  ['port-restricted', [true, false, false]],
  ['symmetric', [true, false, false]],
]

describe.each(openings)('a %s NAT', (kind, sees) => {
  it('shows its own address and lets in whom its kind lets in', async () => {
    const { inner, server, serverOther, stranger, sent } = await createHouse(kind)
    const outer = await sent(inner, server.local, server)
    expect(outer?.ip).toBe(outerIp)
    const came: boolean[] = []
    for (const sender of [server, serverOther, stranger]) {
      came.push((await sent(sender, outer!, inner)) !== undefined)
    }
    expect(came).toEqual(sees)
  })

  it('lets nobody in before its host has sent', async () => {
    const { server, inner, network, sent } = await createHouse(kind)
    expect(await sent(server, { ip: outerIp, port: 40_000 }, inner)).toBeUndefined()
    expect(network.counters.dropped.nat).toBe(1)
  })

  it('forgets a mapping two minutes after the last packet out, but not while its host sends', async () => {
    const { clock, inner, server, sent } = await createHouse(kind)
    const outer = await sent(inner, server.local, server)
    await clock.advance(100_000)
    expect(await sent(inner, server.local, server)).toEqual(outer)
    await clock.advance(100_000)
    expect(await sent(server, outer!, inner)).toEqual(server.local)
    await clock.advance(20_000)
    expect(await sent(server, outer!, inner)).toBeUndefined()
    expect((await sent(inner, server.local, server))?.ip).toBe(outerIp)
  })
})

describe('a NAT', () => {
  it('shows every receiver the same port, unless it is symmetric', async () => {
    for (const [kind] of openings) {
      const { inner, server, stranger, sent } = await createHouse(kind)
      const [first, second] = [await sent(inner, server.local, server), await sent(inner, stranger.local, stranger)]
      expect(first?.port === second?.port).toBe(kind !== 'symmetric')
    }
  })

  it('lets its hosts reach each other at their inner addresses, and itself by the outer one', async () => {
    const clock = createVirtualClock()
    const network = createMemoryDatagramNetwork({ clock })
    const nat = network.nat({ ip: outerIp, kind: 'full-cone' })
    const a = await nat.host('192.168.0.2').bind({ ip: '0.0.0.0', port: 1 })
    const b = await nat.host('192.168.0.3').bind({ ip: '0.0.0.0', port: 1 })
    await a.send(Uint8Array.of(1), b.local)
    await a.send(Uint8Array.of(1), { ip: outerIp, port: 40_000 })
    expect(nat.host('192.168.0.3').traffic.receivedPackets).toBe(1)
    expect(nat.host('192.168.0.2').traffic.receivedPackets).toBe(1)
  })

  it('may have the same inner addresses as another', async () => {
    const clock = createVirtualClock()
    const network = createMemoryDatagramNetwork({ clock })
    const server = await network.bind({ ip: '198.51.100.1', port: 1 })
    const senders: string[] = []
    void (async () => {
      for await (const { from } of server) senders.push(from.ip)
    })()
    for (const ip of ['203.0.113.1', '203.0.113.2']) {
      const inner = await network.nat({ ip, kind: 'restricted' }).host('192.168.0.2').bind({ ip: '0.0.0.0', port: 1 })
      await inner.send(Uint8Array.of(1), server.local)
    }
    await clock.settle()
    expect(senders).toEqual(['203.0.113.1', '203.0.113.2'])
  })

  it('is on one side of a partition, with all behind it', async () => {
    const { inner, server, network, sent } = await createHouse('full-cone')
    network.partition((ip) => ip === outerIp)
    expect(await sent(inner, server.local, server)).toBeUndefined()
    network.heal()
    expect((await sent(inner, server.local, server))?.ip).toBe(outerIp)
  })

  it('keeps no more mappings than it has room for', async () => {
    const { inner, server, network, sent } = await createHouse('symmetric')
    const first = await sent(inner, server.local, server)
    for (let port = 1; port <= 4096; port++) await inner.send(Uint8Array.of(1), { ip: '198.51.100.9', port })
    expect(await sent(server, first!, inner)).toBeUndefined()
    expect(network.counters.dropped.nat).toBe(1)
  })

  it('needs an address of its own, and is no host itself', async () => {
    const { network } = await createHouse('full-cone')
    expect(() => network.nat({ ip: outerIp, kind: 'symmetric' })).toThrow(TypeError)
    expect(() => network.nat({ ip: '198.51.100.1', kind: 'symmetric' })).toThrow(TypeError)
    expect(() => network.host(outerIp)).toThrow(TypeError)
  })
})
