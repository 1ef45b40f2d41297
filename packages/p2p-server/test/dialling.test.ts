import type { NodeAddress } from '@ethwire/enr'
import { type ByteStream, IoError, sleep } from '@ethwire/io'
import { parseNetlist } from '@ethwire/netutil'
import { DisconnectReason } from '@ethwire/protocol'
import { describe, expect, test } from 'vitest'
import type { P2pServer } from '../src/index.ts'
import { collect, createWorld, next } from './support.ts'
import { whispers } from './whispers.ts'

async function* listed(...servers: P2pServer[]): AsyncGenerator<NodeAddress> {
  for (const { localNode } of servers) yield localNode.address
}

describe('candidates', () => {
  test('of any source are dialled, records as well as addresses', async () => {
    const { clock, start } = createWorld()
    const [a, b] = [await start(1), await start(2)]
    async function* records() {
      yield b.localNode.record
    }
    const c = await start(3, { sources: [listed(a), { name: 'file', nodes: records }] })
    await clock.advance(5_000)
    expect(c.peers().map(({ inbound, isStatic }) => [inbound, isStatic])).toEqual([
      [false, false],
      [false, false],
    ])
    const enrs = c.peers().map((peer) => peer.info().enr)
    expect(enrs.sort()).toEqual([a.localNode.record.text, b.localNode.record.text].sort())
    // Of who has dialled us nothing but the key is known, as in geth.
    expect(a.peers()[0]?.info()).not.toHaveProperty('enr')
  })

  test('that the application’s filter refuses are not dialled; static nodes are', async () => {
    const { clock, start } = createWorld()
    const [a, b, c] = [await start(1), await start(2), await start(3)]
    const d = await start(4, {
      sources: [listed(a, b)],
      staticNodes: [c.localNode.enode],
      dialFilter: async (node) => node.nodeIdHex === b.localNode.nodeIdHex,
    })
    const refused = collect(d, 'dial:refused')
    await clock.advance(5_000)
    expect(
      d
        .peers()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([b.localNode.nodeIdHex, c.localNode.nodeIdHex].sort())
    expect(refused.map(({ node, reason }) => [node.nodeIdHex, reason])).toEqual([[a.localNode.nodeIdHex, 'filtered']])
    expect(d.dialState()).toMatchObject({ dialedPeers: 2, maxDialed: 16, refused: { filtered: 1 } })
    expect(d.explainDial(b.localNode.nodeIdHex).state).toBe('connected')
  })

  test('are dialled no more than a share of all peers, static nodes among them', async () => {
    const { clock, start } = createWorld()
    const servers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => start(n)))
    const [first, ...others] = servers as [P2pServer, ...P2pServer[]]
    const g = await start(7, {
      maxPeers: 6,
      dialRatio: 3,
      staticNodes: [first.localNode.enode],
      sources: [listed(...others)],
    })
    await clock.advance(600_000)
    // Two are missing, so four are dialled at once, as in geth; then no more.
    expect(g.peers().length).toBeGreaterThanOrEqual(2)
    expect(g.peers().length).toBeLessThanOrEqual(4)
    expect(g.peers().some(({ isStatic }) => isStatic)).toBe(true)
  })

  test('case 59: come from other sources within 60 s when all bootnodes are dead', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const dead: NodeAddress = { ...a.localNode.address, host: '10.0.0.99' }
    let asked = 0
    const b = await start(2, {
      discovery: [whispers({ bootnodes: [dead, dead] })],
      sources: [
        {
          name: 'flaky',
          nodes() {
            if (asked++ === 0) throw new Error('no network yet')
            return listed(a)
          },
        },
      ],
    })
    const startedMs = clock.monotonicMs()
    await clock.runUntil(next(b, 'peer:add'))
    expect(clock.monotonicMs() - startedMs).toBeLessThan(60_000)
  })

  test('whose source fails for good cost nothing but that source', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const wrong = { nodes: () => 5 as unknown as AsyncIterable<NodeAddress> }
    async function* nonsense(): AsyncGenerator<NodeAddress> {
      yield undefined as unknown as NodeAddress
    }
    const b = await start(2, { sources: [wrong, nonsense(), listed(a)] })
    await clock.runUntil(next(b, 'peer:add'))
    await clock.advance(600_000)
    expect(b.peers()).toHaveLength(1)
  })
})

describe('a static node', () => {
  test('that has moved is found by discovery, and dialled where it is now', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const old: NodeAddress = { ...a.localNode.address, endpoints: [{ host: '10.0.0.77', tcpPort: 1, udpPort: 1 }] }
    const b = await start(2, {
      discovery: [whispers({ resolve: async () => a.localNode.address })],
      staticNodes: [old],
    })
    const failed = collect(b, 'dial:failed')
    const { peer } = await clock.runUntil(next(b, 'peer:add'))
    expect(peer.isStatic).toBe(true)
    expect(failed.map(({ error, isStatic }) => [error.code, isStatic])).toEqual([['P2P_DIAL_FAILED', true]])
  })

  test('without an address is found by discovery', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const { host: _, ...address } = a.localNode.address
    const b = await start(2, {
      discovery: [whispers({ resolve: async () => a.localNode.address })],
      staticNodes: [{ ...address, endpoints: [] }],
    })
    expect((await clock.runUntil(next(b, 'peer:add'))).peer.isStatic).toBe(true)
  })
})

describe('netrestrict', () => {
  const only = (text: string) => ({ netRestrict: parseNetlist(text) })

  test('keeps connections out before a byte of a handshake is read', async () => {
    const { clock, start, network } = createWorld()
    const a = await start(1, only('10.0.0.2/31'))
    const refused = collect(a, 'inbound:refused')
    const stranger = await network.host('10.0.0.9').dial({ ip: '10.0.0.1', port: 30303 })
    expect(await clock.runUntil(stranger.closed)).toBeDefined()
    expect(refused).toMatchObject([{ remote: { ip: '10.0.0.9' }, nodeIdHex: undefined, rule: 'netrestrict' }])
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(b, 'peer:add'))
  })

  test('case 57: keeps nodes from being dialled, in whatever form their address comes', async () => {
    const { clock, network, start } = createWorld()
    const a = await start(1)
    const dialled: string[] = []
    const { dial } = network.host('10.0.0.2')
    const names: Record<string, string[]> = {
      'inside.example': ['10.0.9.9', '10.0.0.1'],
      'outside.example': ['10.0.0.1'],
    }
    const named = (host: string) => a.localNode.enode.replace('@10.0.0.1:', `@${host}:`)
    const options = (netlist: string) => ({
      ...only(netlist),
      dial: (endpoint: Parameters<typeof dial>[0], dialOptions: Parameters<typeof dial>[1]) => {
        dialled.push(endpoint.ip)
        return dial(endpoint, dialOptions)
      },
      resolver: {
        async addresses(name: string) {
          const found = names[name]
          if (found === undefined) throw new IoError('IO_NAME_NOT_FOUND', 'unknown')
          return found
        },
        texts: async () => [],
      },
    })
    const b = await start(2, { ...options('10.0.9.0/24'), sources: [listed(a)] })
    const refused = collect(b, 'dial:refused')
    const failed = collect(b, 'dial:failed')
    await clock.advance(1_000)
    b.addPeer(named('outside.example'))
    await clock.advance(5_000)
    b.removePeer(a.localNode.enode)
    b.addPeer(a.localNode.enode)
    b.removePeer(a.localNode.enode)
    await clock.advance(60_000)
    b.addPeer(named('inside.example'))
    await clock.advance(5_000)
    expect(dialled).toEqual(['10.0.9.9'])
    expect(refused.map(({ reason }) => reason)).toEqual(['netrestrict', 'netrestrict', 'netrestrict'])
    expect(failed.map(({ error }) => error.code)).toEqual(['P2P_RESTRICTED', 'P2P_DIAL_FAILED'])
  })
})

test('a node that is full is asked again half a minute later', async () => {
  const { clock, start } = createWorld()
  const a = await start(1, { maxPeers: 1 })
  async function* again() {
    for (;;) yield a.localNode.address
  }
  const b = await start(2, { sources: [again()] })
  const failed = collect(b, 'dial:failed')
  await clock.advance(180_000)
  expect(failed.every(({ error }) => error.reason === DisconnectReason.TooManyPeers)).toBe(true)
  expect(failed.length).toBeGreaterThanOrEqual(3)
  expect(failed.length).toBeLessThanOrEqual(6)
})

test('case 68: after 10 min without a network, the peers are back within 2 min, without a storm of dials', async () => {
  const { clock, network, start } = createWorld()
  const servers: P2pServer[] = []
  const streams: ByteStream[] = []
  let isUp = true
  let dials = 0
  async function* everybody({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<NodeAddress> {
    for (;;) {
      yield* listed(...servers)
      await sleep(clock, 1_000, signal && { signal })
    }
  }
  for (let n = 1; n <= 6; n++) {
    const host = network.host(`10.0.0.${n}`)
    const server = await start(n, {
      ...{ maxPeers: 20, sources: [{ nodes: everybody }] },
      async dial(endpoint, options) {
        dials++
        if (!isUp) throw new IoError('IO_UNREACHABLE', 'no route')
        const stream = await host.dial(endpoint, options)
        streams.push(stream)
        return stream
      },
    })
    servers.push(server)
  }
  const pairs = (): number => servers.reduce((sum, server) => sum + server.peers().length, 0)
  await clock.advance(120_000)
  expect(pairs()).toBe(6 * 5)
  isUp = false
  for (const stream of streams) stream.abort(new IoError('IO_BROKEN', 'cable cut'))
  dials = 0
  await clock.advance(600_000)
  // Each of the five others is tried every 35 s and more.
  expect(dials).toBeLessThanOrEqual(6 * 5 * (600 / 35 + 2))
  isUp = true
  dials = 0
  await clock.advance(120_000)
  expect(pairs()).toBeGreaterThanOrEqual(0.8 * 6 * 5)
  expect(dials).toBeLessThanOrEqual(6 * 5 * 2)
})
