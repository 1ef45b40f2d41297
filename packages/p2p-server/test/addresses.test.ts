import { formatEnode, type NodeAddress } from '@ethwire/enr'
import { type Dial, IoError, type Resolver } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import type { P2pServer, P2pServerOptions } from '../src/index.ts'
import { collect, createWorld, next, type World } from './support.ts'

const V6 = '2a01:db9'

/** Names that a test gives to addresses, and takes away again. */
function createNames(): { names: Map<string, string[]>; resolver: Resolver; asked: string[] } {
  const names = new Map<string, string[]>()
  const asked: string[] = []
  return {
    ...{ names, asked },
    resolver: {
      async addresses(name) {
        asked.push(name)
        const found = names.get(name)
        if (found === undefined) throw new IoError('IO_NAME_NOT_FOUND', `${name} is unknown`)
        return found
      },
      texts: async () => [],
    },
  }
}

/** Where a node is: at an address, or under a name. */
function at({ localNode }: P2pServer, host: string): string {
  return formatEnode({ publicKey: localNode.publicKey, host, tcpPort: 30303, udpPort: 30303 })
}

/** A host's own dial, through a network in which nothing answers from some addresses: dials of them hang. */
function lossy(dial: Dial, isSilent: (ip: string) => boolean) {
  const dialled: [ip: string, atMs: number][] = []
  const givenUp: string[] = []
  return {
    ...{ dialled, givenUp },
    through: (clock: World['clock']): Dial => {
      return (endpoint, options) => {
        dialled.push([endpoint.ip, clock.monotonicMs()])
        if (!isSilent(endpoint.ip)) return dial(endpoint, options)
        return new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            givenUp.push(endpoint.ip)
            reject(options.signal?.reason)
          })
        })
      }
    },
  }
}

/** A server at an address of its choice. */
function startAt(world: World, n: number, ip: string, options: Partial<P2pServerOptions> = {}): Promise<P2pServer> {
  const { dial, listen } = world.network.host(ip)
  return world.start(n, { dial, bind: listen, bindDatagram: world.datagrams.host(ip).bind, ...options })
}

const ids = (server: P2pServer): string[] =>
  server
    .peers()
    .map(({ id }) => id)
    .sort()

describe('a static node', () => {
  test('behind a name is found where the name leads to now', async () => {
    const world = createWorld()
    const { names, resolver } = createNames()
    names.set('node.example', ['8.8.8.2'])
    const b = await startAt(world, 2, '8.8.8.2')
    const a = await startAt(world, 1, '8.8.8.1', { resolver, staticNodes: [at(b, 'node.example')] })
    await world.clock.runUntil(next(a, 'peer:add'))
    await world.clock.runUntil(b.close())
    const moved = await startAt(world, 2, '8.8.8.77')
    await world.clock.advance(60_000)
    expect(a.peers()).toHaveLength(0)
    names.set('node.example', ['8.8.8.77'])
    const { peer } = await world.clock.runUntil(next(a, 'peer:add'), { maxMs: 60_000 })
    expect([peer.id, peer.remote.ip, peer.isStatic]).toEqual([moved.localNode.nodeIdHex, '8.8.8.77', true])
  })

  test('whose name leads nowhere for a while is waited for, with an error that says so', async () => {
    const world = createWorld()
    const { names, resolver, asked } = createNames()
    const b = await startAt(world, 2, '8.8.8.2')
    const a = await startAt(world, 1, '8.8.8.1', { resolver, staticNodes: [at(b, 'node.example')] })
    const failed = collect(a, 'dial:failed')
    await world.clock.advance(300_000)
    expect(new Set(failed.map(({ error, stage }) => `${error.code} ${stage}`))).toEqual(
      new Set(['P2P_NAME_NOT_FOUND connect']),
    )
    // Once besides, to know it by its address when it dials.
    expect(asked).toHaveLength(failed.length + 1)
    expect(failed.length).toBeLessThanOrEqual(300 / 35 + 1)
    names.set('node.example', ['8.8.8.2'])
    await world.clock.runUntil(next(a, 'peer:add'), { maxMs: 60_000 })
  })

  test.each(['geth-2026', 'geth-2018'] as const)('that has moved is found through discovery (%s)', async (policy) => {
    const world = createWorld()
    const b = await startAt(world, 2, '8.8.8.2')
    const stale = at(b, '8.8.8.3')
    const table = {
      ...{ name: 'table', async *nodes() {}, readRandomNodes: () => [], lookup: async () => [] },
      resolve: async (): Promise<NodeAddress> => b.localNode.address,
    }
    const a = await startAt(world, 1, '8.8.8.1', { policy, sources: [table], staticNodes: [stale] })
    await world.clock.runUntil(next(a, 'peer:add'), { maxMs: 5_000 })
    expect(ids(a)).toEqual([b.localNode.nodeIdHex])
  })
})

describe('two families of addresses', () => {
  test('IPv6 alone is enough, for addresses and for names', async () => {
    const world = createWorld({ ipOf: (n) => `${V6}::${n}` })
    const { names, resolver } = createNames()
    names.set('six.example', [`${V6}::3`])
    const [b, c] = [await world.start(2), await world.start(3)]
    const staticNodes = [at(b, `${V6}::2`), at(c, 'six.example')]
    const a = await world.start(1, { resolver, staticNodes })
    await world.clock.advance(5_000)
    expect(ids(a)).toEqual([b, c].map(({ localNode }) => localNode.nodeIdHex).sort())
    expect(a.peers().every(({ remote }) => remote.ip.startsWith(V6))).toBe(true)
    expect(b.peers()[0]?.remote.ip).toBe(`${V6}::1`)
  })

  test('a node of both is reached by the other one when one of them is silent, a quarter of a second later', async () => {
    const world = createWorld()
    const { names, resolver } = createNames()
    names.set('both.example', [`${V6}::2`, '8.8.8.2'])
    const b = await startAt(world, 2, '8.8.8.2')
    const net = lossy(world.network.host('8.8.8.1').dial, (ip) => ip.includes(':'))
    const a = await startAt(world, 1, '8.8.8.1', {
      ...{ resolver, dial: net.through(world.clock), staticNodes: [at(b, 'both.example')] },
    })
    await world.clock.runUntil(next(a, 'peer:add'), { maxMs: 1_000 })
    expect(net.dialled.map(([ip]) => ip)).toEqual([`${V6}::2`, '8.8.8.2'])
    const [[, first], [, second]] = net.dialled as [[string, number], [string, number]]
    expect(second - first).toBe(250)
    expect(net.givenUp).toEqual([`${V6}::2`])
    await world.clock.advance(60_000)
    expect(net.dialled).toHaveLength(2)
  })

  test('of a node of both the one that its name puts first is used when it answers, and the other one is left alone', async () => {
    const world = createWorld()
    const { names, resolver } = createNames()
    names.set('both.example', [`${V6}::2`, '8.8.8.2'])
    const b = await startAt(world, 2, `${V6}::2`)
    const net = lossy(world.network.host('8.8.8.1').dial, () => false)
    const a = await startAt(world, 1, '8.8.8.1', {
      ...{ resolver, dial: net.through(world.clock), staticNodes: [at(b, 'both.example')] },
    })
    await world.clock.runUntil(next(a, 'peer:add'), { maxMs: 1_000 })
    await world.clock.advance(60_000)
    expect(net.dialled.map(([ip]) => ip)).toEqual([`${V6}::2`])
  })

  test('where one family is refused, the other one is tried at once', async () => {
    const world = createWorld()
    const { names, resolver } = createNames()
    names.set('both.example', [`${V6}::2`, '8.8.8.2'])
    const b = await startAt(world, 2, '8.8.8.2')
    const net = lossy(world.network.host('8.8.8.1').dial, () => false)
    const a = await startAt(world, 1, '8.8.8.1', {
      ...{ resolver, dial: net.through(world.clock), staticNodes: [at(b, 'both.example')] },
    })
    await world.clock.runUntil(next(a, 'peer:add'), { maxMs: 1_000 })
    const [[, first], [, second]] = net.dialled as [[string, number], [string, number]]
    expect(second - first).toBe(0)
  })
})

describe('several nodes behind one name', () => {
  test('are told apart by their keys: each is found, however the name orders them', async () => {
    const world = createWorld()
    const { names, resolver } = createNames()
    const ips = ['8.8.8.2', '8.8.8.3', `${V6}::4`]
    names.set('service.example', ips)
    const others = await Promise.all(ips.map((ip, index) => startAt(world, index + 2, ip)))
    const a = await startAt(world, 1, '8.8.8.1', {
      ...{ resolver, staticNodes: others.map((server) => at(server, 'service.example')) },
    })
    await world.clock.advance(120_000)
    expect(ids(a)).toEqual(others.map(({ localNode }) => localNode.nodeIdHex).sort())
  })

  test('case 23: of whom none has the key that is wanted are an error with a name, and left alone for a while', async () => {
    const world = createWorld()
    const { names, resolver } = createNames()
    names.set('service.example', ['8.8.8.2', '8.8.8.3'])
    const [b, c] = [await startAt(world, 2, '8.8.8.2'), await startAt(world, 3, '8.8.8.3')]
    const gone = await startAt(world, 4, '8.8.8.4')
    await world.clock.runUntil(gone.close())
    const net = lossy(world.network.host('8.8.8.1').dial, () => false)
    const a = await startAt(world, 1, '8.8.8.1', {
      ...{ resolver, dial: net.through(world.clock), staticNodes: [at(gone, 'service.example')] },
    })
    const failed = collect(a, 'dial:failed')
    await world.clock.advance(300_000)
    expect(new Set(failed.map(({ stage }) => stage))).toEqual(new Set(['handshake']))
    expect(new Set(failed.map(({ error }) => error.code))).toEqual(new Set(['P2P_AUTH_UNANSWERED']))
    expect(failed[0]?.error.message).toContain('is the key right?')
    expect(failed.length).toBeGreaterThanOrEqual(5)
    expect(failed.length).toBeLessThanOrEqual(300 / 35 + 1)
    expect(net.dialled.length).toBe(2 * failed.length)
    expect([b.peers(), c.peers()]).toEqual([[], []])
  })
})
