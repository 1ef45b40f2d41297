import { nodeFromRecord } from '@ethwire/enr'
import { noMetrics } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import { createP2pServer, type NodeDatabase, type P2pServerOptions } from '../src/index.ts'
import { createWorld, echo, next, type World } from './support.ts'
import { whispers } from './whispers.ts'

const bytes = (mark: number, text = ''): Uint8Array => Uint8Array.of(mark, ...new TextEncoder().encode(text))

describe('servers with discovery', () => {
  test('find each other through one bootnode, and each pair keeps one connection', async () => {
    const { clock, start } = createWorld()
    const boot = await start(1, { discovery: [whispers()] })
    const bootnodes = [boot.localNode.address]
    const others = [2, 3, 4, 5].map((n) => start(n, { discovery: [whispers({ bootnodes })] }))
    const servers = [boot, ...(await Promise.all(others))]
    await clock.advance(120_000)
    for (const server of servers) {
      const expected = servers.filter((other) => other !== server).map(({ localNode }) => localNode.nodeIdHex)
      expect(
        server
          .peers()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(expected.sort())
    }
  })

  test('show the record of a peer that they dialled', async () => {
    const { clock, start } = createWorld()
    const a = await start(1, { discovery: [whispers()], dialFilter: () => false })
    const b = await start(2, { discovery: [whispers({ bootnodes: [a.localNode.address] })] })
    const { peer } = await clock.runUntil(next(b, 'peer:add'))
    expect(peer.info()).toMatchObject({
      id: a.localNode.nodeIdHex,
      enr: a.localNode.record.text,
      network: { inbound: false, static: false, trusted: false },
    })
  })

  test('listen for it under the number of their TCP port, which others see in their records', async () => {
    const { start } = createWorld()
    const cases: [Pick<P2pServerOptions, 'discAddr'>, number][] = [
      [{}, 30303],
      [{ discAddr: { port: 30310 } }, 30310],
      [{ discAddr: { host: '10.0.0.3', port: 30311 } }, 30311],
    ]
    for (const [index, [options, udpPort]] of cases.entries()) {
      const server = await start(index + 1, { ...options, discovery: [whispers()] })
      expect(server.nodeInfo().ports).toEqual({ listener: 30303, discovery: udpPort })
      expect(server.localNode.address).toMatchObject({ tcpPort: 30303, udpPort })
    }
    const any = await start(4, { listen: { port: 0 }, discovery: [whispers()] })
    const { listener, discovery } = any.nodeInfo().ports
    expect(discovery).toBe(listener)
    expect(discovery).toBeGreaterThan(0)
  })

  test('take another free port where UDP has the number of TCP no more', async () => {
    const { start, datagrams } = createWorld()
    await datagrams.host('10.0.0.1').bind({ ip: '10.0.0.1', port: 49152 })
    const server = await start(1, { listen: { port: 0 }, discovery: [whispers()] })
    expect(server.nodeInfo().ports).toEqual({ listener: 49153, discovery: 49153 })
  })

  test('that listen nowhere for connections take any UDP port', async () => {
    const world = createWorld()
    const first = await startWithoutListening(world, 1)
    expect(first.nodeInfo().ports).toEqual({ listener: 0, discovery: 49152 })
    expect(first.localNode.address).toMatchObject({ tcpPort: 0, udpPort: 49152 })
    await world.clock.runUntil(first.close())
  })

  test('share one socket: what the first does not understand goes to the next, at most 100 packets at a time', async () => {
    const { clock, start, datagrams } = createWorld()
    const dropped: number[] = []
    const metrics = {
      ...noMetrics,
      counter: (name: string) => ({
        add: (amount = 1) => {
          if (name === 'p2p/discovery/unhandled') dropped.push(amount)
        },
      }),
    }
    const [first, second, third] = [1, 2, 3].map((mark) => whispers({ name: `v${mark}`, mark })) as [
      ReturnType<typeof whispers>,
      ReturnType<typeof whispers>,
      ReturnType<typeof whispers>,
    ]
    const server = await start(1, { discovery: [first, second, third], metrics })
    const other = await datagrams.host('10.0.0.2').bind({ ip: '10.0.0.2', port: 9 })
    const to = { ip: '10.0.0.1', port: 30303 }
    for (const mark of [1, 2, 3, 4]) await other.send(bytes(mark, `mark ${mark}`), to)
    await clock.settle()
    expect([first.heard, second.heard, third.heard]).toEqual([['mark 1'], ['mark 2'], ['mark 3']])
    expect(dropped).toEqual([1])

    await third.contexts[0]?.socket.send(bytes(9, 'from the third'), { ip: '10.0.0.2', port: 9 })
    const received = await other[Symbol.asyncIterator]().next()
    expect(received.value.from).toEqual({ ip: '10.0.0.1', port: 30303 })

    // The next one does not read any more.
    const unhandled = first.contexts[0]?.unhandled
    await second.contexts[0]?.socket.close()
    dropped.splice(0)
    for (let i = 0; i < 150; i++) unhandled?.({ bytes: bytes(2), from: to })
    expect(dropped).toHaveLength(150)
    expect(server.nodeInfo().ports.discovery).toBe(30303)
  })

  test('hand each protocol what it needs, and abort its signal when they close', async () => {
    const { clock, start } = createWorld()
    const protocol = whispers()
    const netRestrict = { contains: () => true }
    const server = await start(1, { discovery: [protocol], netRestrict })
    const context = protocol.contexts[0]
    expect(context).toMatchObject({ localNode: server.localNode, netRestrict })
    expect(context && 'nodeDatabase' in context).toBe(false)
    expect(context?.signal.aborted).toBe(false)
    await clock.runUntil(server.close())
    expect(context?.signal.aborted).toBe(true)
    expect(protocol.closes).toBe(1)
  })

  test('start none where none is wanted', async () => {
    const { start } = createWorld()
    const protocol = whispers({ name: 'discv4' })
    const off = await start(1, { discovery: [protocol], noDiscovery: true })
    const v4off = await start(2, { discovery: [protocol], discoveryV4: false })
    expect(protocol.contexts).toHaveLength(0)
    for (const server of [off, v4off]) expect(server.nodeInfo().ports.discovery).toBe(0)
    const other = whispers({ name: 'discv5' })
    await start(3, { discovery: [protocol, other], discoveryV4: false })
    expect([protocol.contexts.length, other.contexts.length]).toEqual([0, 1])
  })
})

function startWithoutListening({ clock, network, datagrams }: World, n: number) {
  const host = network.host(`10.0.0.${n}`)
  return createP2pServer({
    ...{ privateKey: new Uint8Array(32).fill(n), clientId: `test/${n}`, protocols: [], clock },
    ...{ dial: host.dial, bindDatagram: datagrams.host(host.ip).bind, discovery: [whispers()] },
  })
}

describe('a start that fails', () => {
  const failing = (name: string) =>
    Object.defineProperty(() => Promise.reject(new Error('out of luck')), 'name', { value: name })

  test('names the discovery protocol that could not start, and takes back what was started', async () => {
    const { clock, start, network, datagrams } = createWorld()
    const first = whispers()
    await expect(start(1, { discovery: [first, failing('discv9')] })).rejects.toMatchObject({
      code: 'P2P_DISCOVERY_FAILED',
      message: "can't start discv9: out of luck",
    })
    expect(first.closes).toBe(1)
    const context = first.contexts[0]
    expect(context?.signal.aborted).toBe(true)
    expect(context?.localNode.address).toMatchObject({ tcpPort: 0, udpPort: 0 })
    expect(clock.timers).toBe(0)
    // Both ports are free again.
    await (await network.host('10.0.0.1').listen({ ip: '10.0.0.1', port: 30303 })).close()
    await (await datagrams.host('10.0.0.1').bind({ ip: '10.0.0.1', port: 30303 })).close()
  })

  test('says which port is taken', async () => {
    const { start, datagrams, network } = createWorld()
    await datagrams.host('10.0.0.1').bind({ ip: '10.0.0.1', port: 30303 })
    await expect(start(1, { discovery: [whispers()] })).rejects.toMatchObject({
      code: 'P2P_LISTEN_FAILED',
      message: "can't listen on 0.0.0.0:30303 (UDP): port 30303 is in use",
    })
    await (await network.host('10.0.0.1').listen({ ip: '10.0.0.1', port: 30303 })).close()
    await network.host('10.0.0.2').listen({ ip: '10.0.0.2', port: 30303 })
    await expect(start(2, { discovery: [whispers()] })).rejects.toMatchObject({
      message: "can't listen on 0.0.0.0:30303 (TCP): port 30303 is in use",
    })
  })

  test('closes what it can, also when a protocol does not want to close', async () => {
    const { start, datagrams } = createWorld()
    const stubborn = whispers({ close: () => Promise.reject(new Error('no')) })
    await expect(start(1, { discovery: [stubborn, failing('x')] })).rejects.toMatchObject({
      code: 'P2P_DISCOVERY_FAILED',
    })
    await (await datagrams.host('10.0.0.1').bind({ ip: '10.0.0.1', port: 30303 })).close()
  })
})

describe('close', () => {
  test('ends discovery, the socket and the dialler; no timer is left', async () => {
    const { clock, start, datagrams } = createWorld()
    const [a, b] = await Promise.all([1, 2].map((n) => start(n, { discovery: [whispers()], sources: [neverEnding()] })))
    await clock.advance(1_000)
    await clock.runUntil(Promise.all([a?.close(), b?.close()]))
    expect(clock.timers).toBe(0)
    await (await datagrams.host('10.0.0.1').bind({ ip: '10.0.0.1', port: 30303 })).close()
  })

  test('takes 5 s at most when a protocol never does, and closes the socket all the same', async () => {
    const { clock, start, datagrams } = createWorld()
    const stuck = whispers({ close: () => new Promise(() => undefined) })
    const server = await start(1, { discovery: [stuck] })
    const startedMs = clock.monotonicMs()
    await clock.runUntil(server.close())
    expect(clock.monotonicMs() - startedMs).toBeLessThanOrEqual(5_000)
    expect(clock.timers).toBe(0)
    await (await datagrams.host('10.0.0.1').bind({ ip: '10.0.0.1', port: 30303 })).close()
  })
})

async function* neverEnding(): AsyncGenerator<never> {
  await new Promise(() => undefined)
}

describe('the node database', () => {
  function database(seq: bigint) {
    const log: string[] = []
    const store = {
      load: () => seq,
      save: (_: unknown, next: bigint) => void log.push(`seq ${next}`),
      async flush() {
        log.push('flush')
      },
      async close() {
        log.push('close')
      },
      ...{ lastPong: () => 0, lastPing: () => 0, findFailures: () => 0, seeds: async () => [] },
      ...{ setLastPong() {}, setLastPing() {}, setFindFailures() {}, putNode() {} },
    } satisfies NodeDatabase
    return { log, store }
  }

  test('keeps the sequence number, is handed to discovery, and is written out at the end', async () => {
    const { clock, start } = createWorld()
    const { store, log } = database(41n)
    const protocol = whispers()
    const server = await start(1, { nodeDatabase: store, discovery: [protocol] })
    expect(server.localNode.seq).toBe(42n)
    expect(protocol.contexts[0]?.nodeDatabase).toBe(store)
    await clock.runUntil(server.close())
    expect(log).toEqual(['seq 42', 'flush'])
  })

  test('that comes as a promise is closed with the server, and where the server does not start', async () => {
    const { clock, start } = createWorld()
    const { store, log } = database(41n)
    const server = await start(1, { nodeDatabase: Promise.resolve(store) })
    await clock.runUntil(server.close())
    expect(log).toEqual(['close'])
    await expect(start(1, { nodeDatabase: Promise.resolve(store), maxPeers: -1 })).rejects.toThrow(RangeError)
    expect(log).toEqual(['close', 'close'])
  })

  test('that cannot be opened is why the server does not start', async () => {
    const { start } = createWorld()
    const nodeDatabase = Promise.reject(new Error('locked'))
    await expect(start(1, { nodeDatabase })).rejects.toThrow('locked')
  })
})

test('nodes of a protocol’s own list are candidates', async () => {
  const { clock, start } = createWorld()
  const a = await start(1)
  async function* candidates() {
    yield nodeFromRecord(a.localNode.record)
  }
  const b = await start(2, { protocols: [{ ...echo.run(() => undefined), candidates: candidates() }] })
  expect((await clock.runUntil(next(b, 'peer:add'))).peer.id).toBe(a.localNode.nodeIdHex)
})
