import { pureCrypto } from '@ethwire/crypto'
import { createDialScheduler } from '@ethwire/dialer'
import { createLocalNode, defineEntry, type LocalNode } from '@ethwire/enr'
import { type ByteStream, silentLogger } from '@ethwire/io'
import { DisconnectReason, type Protocol } from '@ethwire/protocol'
import { u64 } from '@ethwire/rlp-codec'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test, vi } from 'vitest'
import {
  createP2pServer,
  type Discovery,
  type DiscoveryContext,
  type NodeDatabase,
  type P2pServerOptions,
  runHandshake,
} from '../src/index.ts'
import { collect, createWorld, echo, next, type World } from './support.ts'
import { whispers } from './whispers.ts'

const remembersNothing: NodeDatabase = {
  ...{ load: () => 1n, save() {}, lastPong: () => 0, lastPing: () => 0, findFailures: () => 0 },
  ...{ setLastPong() {}, setLastPing() {}, setFindFailures() {}, putNode() {}, seeds: async () => [] },
}

/** What a start takes, and whether it was given back. */
function watched({ clock, network, datagrams }: World) {
  const held = new Set<string>()
  const host = network.host('10.0.0.1')
  const order: string[] = []
  const take = <T extends { close(): Promise<void> }>(name: string, part: T): T => {
    order.push(name)
    held.add(name)
    const close = part.close.bind(part)
    part.close = () => {
      held.delete(name)
      return close()
    }
    return part
  }
  const nodeDatabase = take('node database', { ...remembersNothing, close: async () => undefined })
  const mapped = new Set<string>()
  const protocol: Protocol = {
    ...echo.run(() => undefined),
    recordEntries() {
      order.push('record')
      return []
    },
  }
  const discovery = whispers()
  const options: P2pServerOptions = {
    ...{ privateKey: new Uint8Array(32).fill(1), clientId: 'test', listen: { port: 30303 }, clock, dial: host.dial },
    protocols: [protocol],
    nodeDatabase: Promise.resolve(nodeDatabase),
    bind: async (endpoint) => take('TCP', await host.listen(endpoint)),
    bindDatagram: async (endpoint) => take('UDP', await datagrams.host(host.ip).bind(endpoint)),
    nat: {
      name: 'test',
      async externalIp() {
        order.push('NAT')
        return '8.8.4.4'
      },
      async addMapping({ protocol, externalPort }) {
        mapped.add(protocol)
        return externalPort
      },
      async deleteMapping({ protocol }) {
        mapped.delete(protocol)
      },
    },
    discovery: [
      Object.defineProperty(
        async (context: DiscoveryContext): Promise<Discovery> => take('discovery', await discovery(context)),
        'name',
        { value: 'whispers' },
      ),
    ],
    bandwidth: { uploadBytesPerSecond: 1_000 },
    dropper: true,
  }
  return { options, held, mapped, order }
}

const fails = (): never => {
  throw new Error('out of luck')
}

describe('a start', () => {
  test('goes in geth’s order', async () => {
    const world = createWorld()
    const { options, order } = watched(world)
    const server = await world.clock.runUntil(
      createP2pServer({
        ...options,
        dialScheduler(schedulerOptions) {
          order.push('dialler')
          return createDialScheduler(schedulerOptions)
        },
      }),
    )
    expect(order).toEqual(['node database', 'record', 'NAT', 'TCP', 'UDP', 'discovery', 'dialler'])
    await world.clock.runUntil(server.close())
  })

  const steps: [string, Partial<P2pServerOptions>, RegExp][] = [
    ['the options', { maxPeers: -1 }, /maxPeers/],
    ['the local node', { localNode: {} as LocalNode }, /localNode must be an object with/],
    ['static nodes', { staticNodes: ['enode://'] }, /staticNodes\[0\]/],
    ['trusted nodes', { trustedNodes: ['enode://'] }, /trustedNodes\[0\]/],
    ['quotas', { quotas: fails }, /can't start the quotas: out of luck/],
    [
      'the record',
      { protocols: [{ ...echo.run(() => undefined), recordEntries: fails }] },
      /echo: its entries.*: out of luck/,
    ],
    ['TCP', { bind: async () => fails() }, /can't listen on 0.0.0.0:30303 \(TCP\): out of luck/],
    ['UDP', { bindDatagram: async () => fails() }, /can't listen on 0.0.0.0:30303 \(UDP\): out of luck/],
    ['discovery', { discovery: [whispers(), failing('discv9')] }, /can't start discv9: out of luck/],
    ['the dialler', { dialScheduler: fails }, /can't start the dial scheduler: out of luck/],
    ['a dialler without what it needs', { policy: 'geth-2018', sources: [walk()] }, /lookup|readRandomNodes/],
  ]
  test.each(steps)('that fails at %s says so, and nothing of it goes on', async (_, some, message) => {
    const world = createWorld()
    const { options, held, mapped } = watched(world)
    await expect(world.clock.runUntil(createP2pServer({ ...options, ...some }))).rejects.toThrow(message)
    await world.clock.advance(10_000)
    expect([...held, ...mapped]).toEqual([])
    expect(world.clock.timers).toBe(0)
    // With the same ports and store, it can be made up for.
    const again = watched(world)
    const server = await world.clock.runUntil(createP2pServer(again.options))
    await world.clock.runUntil(server.close())
  })
})

describe('a start that fails', () => {
  test('is over in time though a discovery protocol never closes, and gives back all else', async () => {
    const world = createWorld()
    const { clock } = world
    const { options, held, mapped } = watched(world)
    const errors: unknown[] = []
    const logger = { ...silentLogger, error: (fields: object) => void errors.push(fields) }
    const discovery = [never('stuck'), never('stuck too'), failing('discv9')]
    const startMs = clock.monotonicMs()
    await expect(clock.runUntil(createP2pServer({ ...options, discovery, logger }))).rejects.toThrow(/discv9/)
    expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(5_000)
    expect([...held, ...mapped]).toEqual([])
    expect(clock.timers).toBe(0)
    expect(errors).toEqual([
      { part: 'stuck too', err: new Error('it has not ended after 2500 ms') },
      { part: 'stuck', err: new Error('it has not ended after 1250 ms') },
    ])
  })

  const hangs = () => new Promise<never>(() => undefined)
  const steps: [string, Partial<P2pServerOptions>, string, RegExp][] = [
    ['the node database', { nodeDatabase: hangs() }, 'P2P_START_FAILED', /can't start the node database/],
    ['the sequence number', { nodeDatabase: { ...remembersNothing, load: hangs } }, 'P2P_START_FAILED', /local node/],
    ['TCP', { bind: hangs }, 'P2P_LISTEN_FAILED', /can't listen on 0\.0\.0\.0:30303 \(TCP\)/],
    ['UDP', { listen: { port: 0 }, bindDatagram: hangs }, 'P2P_LISTEN_FAILED', /\(UDP\)/],
    ['discovery', { discovery: [whispers(), named('discv9', hangs)] }, 'P2P_DISCOVERY_FAILED', /can't start discv9/],
  ]
  test.each(steps)(
    'because %s hangs does so after 10 s, names it, and is over 5 s later',
    async (_, some, code, step) => {
      const world = createWorld()
      const { clock } = world
      const { options, held, mapped } = watched(world)
      if ('nodeDatabase' in some) held.delete('node database')
      const startMs = clock.monotonicMs()
      const error = await clock.runUntil(createP2pServer({ ...options, ...some }).catch((error: unknown) => error))
      expect(error).toMatchObject({ code, rule: 'start-deadline', message: expect.stringMatching(step) })
      expect(String(error)).toMatch(/: not done within 10000 ms$/)
      expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(15_000)
      expect([...held, ...mapped]).toEqual([])
      expect(clock.timers).toBe(0)
    },
  )

  test('closes what came too late', async () => {
    const world = createWorld()
    const { clock } = world
    const { options } = watched(world)
    const late = Promise.withResolvers<Discovery>()
    const close = vi.fn(async () => undefined)
    const failed = createP2pServer({ ...options, discovery: [named('discv9', () => late.promise)] })
    await expect(clock.runUntil(failed)).rejects.toThrow(/discv9/)
    late.resolve({ nodes: async function* () {}, close })
    await clock.settle()
    expect(close).toHaveBeenCalledOnce()
  })

  test('leaves a shared node’s record with the protocols’ entries that it had before', async () => {
    const world = createWorld()
    const { clock } = world
    const { options } = watched(world)
    const localNode = await createLocalNode({ privateKey: options.privateKey, clock })
    const theirs = defineEntry('echo', u64)
    localNode.set(theirs, 7n)
    const protocols: Protocol[] = [
      { ...echo.run(() => undefined), recordEntries: () => [theirs.of(8n), defineEntry('more', u64).of(9n)] },
      { ...echo.run(() => undefined), name: 'other', recordEntries: () => [theirs.of(10n)] },
    ]
    const failure = createP2pServer({ ...options, protocols, localNode, discovery: [failing('discv9')] })
    await expect(clock.runUntil(failure)).rejects.toThrow(/discv9/)
    expect(localNode.record.get(theirs)).toBe(7n)
    expect(localNode.record.entries.has('more')).toBe(false)
    const server = await clock.runUntil(createP2pServer({ ...options, protocols, localNode }))
    expect(localNode.record.get(theirs)).toBe(10n)
    await clock.runUntil(server.close())
  })
})

/** A discovery protocol whose close does not end. */
function never(name: string) {
  const factory = async (context: DiscoveryContext): Promise<Discovery> => ({
    ...(await whispers()(context)),
    close: () => new Promise(() => undefined),
  })
  return named(name, factory)
}

function failing(name: string) {
  return named(name, () => Promise.reject(new Error('out of luck')))
}

function named(name: string, factory: (context: DiscoveryContext) => Promise<Discovery>) {
  return Object.defineProperty(factory, 'name', { value: name })
}

function walk() {
  return { name: 'walk', nodes: async function* () {} }
}

describe('close', () => {
  test('leaves nothing held, mapped or timed, and the same ports and stores serve another server at once', async () => {
    const world = createWorld()
    const { clock } = world
    for (let n = 0; n < 3; n++) {
      const { options, held, mapped } = watched(world)
      const server = await clock.runUntil(createP2pServer(options))
      const other = await world.start(2, { staticNodes: [server.localNode.enode.replace('8.8.4.4', '10.0.0.1')] })
      await clock.runUntil(next(server, 'peer:add'))
      const dropped = next(other, 'peer:drop')
      await clock.runUntil(server.close())
      expect(await clock.runUntil(dropped)).toMatchObject({ reason: DisconnectReason.ClientQuitting, side: 'remote' })
      expect([...held, ...mapped]).toEqual([])
      await clock.runUntil(other.close())
      await clock.settle()
      expect(clock.timers).toBe(0)
    }
  })

  test('case 60: in the midst of handshakes is over within 5 s', async () => {
    const world = createWorld()
    const { clock, network } = world
    const server = await world.start(1)
    const streams: ByteStream[] = []
    for (let n = 0; n < 20; n++) streams.push(await network.host(`10.0.1.${n}`).dial({ ip: '10.0.0.1', port: 30303 }))
    await clock.advance(1_000)
    const startMs = clock.monotonicMs()
    await clock.runUntil(server.close())
    expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(5_000)
    await clock.runUntil(Promise.all(streams.map(({ closed }) => closed)))
    expect(clock.timers).toBe(0)
  })

  test('waits for the last word to those that were refused, who hold a place until then', async () => {
    const { clock, network, start } = createWorld()
    const server = await start(1, { maxPeers: 0, maxPendingPeers: 1 })
    const refusals = collect(server, 'inbound:refused')
    const endpoint = { ip: '10.0.0.1', port: 30303 }
    const stream = await network.host('10.0.0.2').dial(endpoint)
    const handshake = runHandshake(stream, stream[Symbol.asyncIterator](), {
      ...{ privateKey: new Uint8Array(32).fill(2), remotePublicKey: server.localNode.publicKey },
      ...{ crypto: pureCrypto, random: createSeededRandom(2) },
    })
    await clock.runUntil(handshake)
    await clock.advance(1)
    await network.host('10.0.0.3').dial(endpoint)
    await clock.advance(1)
    expect(refusals.map(({ rule }) => rule)).toEqual(['max-peers', 'max-pending'])
    let isOver = false
    void stream.closed.then(() => {
      isOver = true
    })
    await clock.advance(1)
    expect(isOver).toBe(false)
    await clock.runUntil(server.close())
    expect(isOver).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('is idempotent, and what comes after it is refused', async () => {
    const { clock, start } = createWorld()
    const server = await start(1)
    const first = server.close()
    expect(server.close()).toBe(first)
    await clock.runUntil(first)
    expect(() => server.addPeer(server.localNode.enode)).toThrow('the server is closed')
    expect(() => server.addTrustedPeer(server.localNode.enode)).toThrow('the server is closed')
    expect(server.removePeer(server.localNode.enode)).toBe(false)
    expect(server.peers()).toEqual([])
  })
})
