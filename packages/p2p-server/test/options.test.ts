import { readFileSync } from 'node:fs'
import { pureCrypto } from '@ethwire/crypto'
import { createDialScheduler, createReputation } from '@ethwire/dialer'
import { createLocalNode, type NodeAddress } from '@ethwire/enr'
import { type Logger, silentLogger, sleep } from '@ethwire/io'
import { extIp } from '@ethwire/nat'
import { parseNetlist } from '@ethwire/netutil'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createP2pServer, type P2pServer, type P2pServerOptions, runHandshake } from '../src/index.ts'
import { optionNames } from '../src/option-checks.ts'
import { optionDefaults } from '../src/option-defaults.ts'
import { createTransport } from '../src/transport.ts'
import { collect, createWorld, echo, next, type World } from './support.ts'
import { whispers } from './whispers.ts'

/** A second server that is dialled by the first, which has the options. */
async function pair(
  options: (world: World, other: P2pServer) => Partial<P2pServerOptions> = () => ({}),
  otherOptions: Partial<P2pServerOptions> = {},
): Promise<World & { server: P2pServer; other: P2pServer }> {
  const world = createWorld()
  const other = await world.start(2, otherOptions)
  const server = await world.start(1, { staticNodes: [other.localNode.enode], ...options(world, other) })
  return { ...world, server, other }
}

async function connected(
  options?: (world: World, other: P2pServer) => Partial<P2pServerOptions>,
  otherOptions?: Partial<P2pServerOptions>,
) {
  const world = await pair(options, otherOptions)
  const { peer } = await world.clock.runUntil(next(world.other, 'peer:add'))
  return { ...world, peer }
}

async function* listed(...servers: P2pServer[]): AsyncGenerator<NodeAddress> {
  for (const { localNode } of servers) yield localNode.address
}

function recordingLogger(): { lines: string[]; logger: Logger } {
  const lines: string[] = []
  const at =
    (level: string) =>
    (_: unknown, message: string): void =>
      void lines.push(`${level} ${message}`)
  const logger = { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { lines, logger }
}

/** What each option does to a running server. One without a test does not compile. */
const effects: { readonly [K in keyof Required<P2pServerOptions>]: () => Promise<void> } = {
  async privateKey() {
    const privateKey = new Uint8Array(32).fill(5)
    const { peer, server } = await connected(() => ({ privateKey }))
    expect(peer.publicKey).toEqual(pureCrypto.publicKey(privateKey))
    expect(server.localNode.publicKey).toEqual(peer.publicKey)
  },
  async localNode() {
    const privateKey = new Uint8Array(32).fill(5)
    const { start, clock } = createWorld()
    const localNode = await createLocalNode({ privateKey, crypto: pureCrypto, clock })
    const server = await start(1, { privateKey, localNode })
    expect(server.localNode).toBe(localNode)
    expect(localNode.address.tcpPort).toBe(30303)
    await expect(start(2, { localNode })).rejects.toThrow('localNode has another key than privateKey')
  },
  async clientId() {
    const { peer, server } = await connected(() => ({ clientId: 'indexer/2' }))
    expect([peer.clientId, server.nodeInfo().name]).toEqual(['indexer/2', 'indexer/2'])
  },
  async protocols() {
    const { peer, server } = await connected()
    expect(peer.protocols).toEqual([{ name: 'echo', version: 1 }])
    expect(server.nodeInfo().protocols).toEqual({ echo: 'unknown' })
  },
  async listen() {
    const { start } = createWorld()
    const server = await start(1, { listen: { host: '10.0.0.1', port: 40404 } })
    expect(server.nodeInfo()).toMatchObject({ listenAddr: '10.0.0.1:40404', ports: { listener: 40404 } })
  },
  async discAddr() {
    const { start } = createWorld()
    const server = await start(1, { discAddr: { port: 40405 }, discovery: [whispers()] })
    expect(server.nodeInfo().ports).toEqual({ listener: 30303, discovery: 40405 })
  },
  async nat() {
    const { start, clock } = createWorld()
    const server = await clock.runUntil(start(1, { nat: extIp('8.8.4.4') }))
    expect(server.nodeInfo().ip).toBe('8.8.4.4')
  },
  async maxPeers() {
    const { clock, other, server } = await pair(undefined, { maxPeers: 0 })
    expect((await clock.runUntil(next(server, 'dial:failed'))).error.reason).toBe(4)
    expect(other.peers()).toEqual([])
  },
  async maxPendingPeers() {
    const { clock, network, start } = createWorld()
    const server = await start(1, { maxPendingPeers: 1 })
    const refused = collect(server, 'inbound:refused')
    for (const n of [8, 9]) await network.host(`10.0.0.${n}`).dial({ ip: '10.0.0.1', port: 30303 })
    await clock.advance(1)
    expect(refused).toMatchObject([{ remote: { ip: '10.0.0.9' }, rule: 'max-pending' }])
  },
  async dialRatio() {
    const { start } = createWorld()
    const server = await start(1, { maxPeers: 20, dialRatio: 5 })
    expect(server.dialState().maxDialed).toBe(4)
  },
  async noDial() {
    const { clock, server } = await pair(() => ({ noDial: true }))
    await clock.advance(60_000)
    expect([server.peers(), server.dialState().maxDialed]).toEqual([[], 0])
  },
  async staticNodes() {
    const { server } = await connected()
    expect(server.peers()[0]?.isStatic).toBe(true)
  },
  async trustedNodes() {
    const { server } = await connected((_, { localNode }) => ({ trustedNodes: [localNode.enode] }))
    expect(server.peers()[0]?.info().network.trusted).toBe(true)
  },
  async staticOnly() {
    const { clock, start } = createWorld()
    const server = await start(1, { staticOnly: true })
    await start(2, { staticNodes: [server.localNode.enode] })
    expect((await clock.runUntil(next(server, 'inbound:refused'))).rule).toBe('static-only')
  },
  async policy() {
    const { start } = createWorld()
    const server = await start(1, { policy: 'geth-2018', maxPeers: 2 })
    expect(server.dialState().maxDialed).toBe(0)
    // The scheduler of 2018 reads no walk.
    const walk = { name: 'walk', nodes: () => listed() }
    await expect(start(2, { policy: 'geth-2018', sources: [walk] })).rejects.toThrow(/walk.*readRandomNodes/s)
  },
  async quotas() {
    const { clock, start } = createWorld()
    const server = await start(1, { quotas: () => ({ maxDialed: 7, maxInbound: 0 }) })
    expect(server.dialState().maxDialed).toBe(7)
    const other = await start(2, { staticNodes: [server.localNode.enode] })
    expect((await clock.runUntil(next(other, 'dial:failed'))).error.reason).toBe(4)
  },
  async dropper() {
    const { clock, other } = await connected(undefined, { maxPeers: 2, dialRatio: 2, dropper: true })
    expect((await clock.runUntil(next(other, 'peer:drop'))).rule).toBe('dropper')
  },
  async reputation() {
    const world = createWorld()
    const reputation = createReputation({ clock: world.clock })
    const server = await world.start(1, { reputation })
    const other = await world.start(2)
    reputation.ban({ nodeIdHex: other.localNode.nodeIdHex })
    other.addPeer(server.localNode.enode)
    expect((await world.clock.runUntil(next(server, 'inbound:refused'))).rule).toBe('banned')
  },
  async bandwidth() {
    const { clock, server } = await connected(() => ({
      bandwidth: { peerUploadBytesPerSecond: 100 },
      protocols: [
        echo.run(async (peer) => {
          for (let n = 0n; ; n++) await Promise.race([peer.echo({ n }), peer.closed])
        }),
      ],
    }))
    await clock.advance(10_000)
    expect(server.peers()[0]?.bytesSent).toBeLessThan(1_500)
  },
  async discovery() {
    const { start } = createWorld()
    const server = await start(1, { discovery: [whispers({ name: 'discv4' })] })
    expect(server.nodeInfo()).toMatchObject({ discovery: ['discv4'], ports: { discovery: 30303 } })
  },
  async noDiscovery() {
    const { start } = createWorld()
    const server = await start(1, { discovery: [whispers()], noDiscovery: true })
    expect(server.nodeInfo()).toMatchObject({ discovery: [], ports: { discovery: 0 } })
  },
  discoveryV4: () => discoverySwitch('discoveryV4', 'discv4'),
  discoveryV5: () => discoverySwitch('discoveryV5', 'discv5'),
  async sources() {
    const { start, clock } = createWorld()
    const other = await start(2)
    const server = await start(1, { sources: [listed(other)] })
    expect((await clock.runUntil(next(server, 'peer:add'))).peer).toMatchObject({ isStatic: false, inbound: false })
  },
  async dialFilter() {
    const { start, clock } = createWorld()
    const other = await start(2)
    const server = await start(1, { sources: [listed(other)], dialFilter: () => false })
    await clock.advance(60_000)
    expect(server.peers()).toEqual([])
    expect(server.dialState().refused.filtered).toBe(1)
  },
  async dialScheduler() {
    let made = 0
    await connected(() => ({
      dialScheduler(options) {
        made++
        return createDialScheduler(options)
      },
    }))
    expect(made).toBe(1)
  },
  async nodeDatabase() {
    const { start } = createWorld()
    const nodeDatabase = {
      ...{ load: () => 7n, save() {}, lastPong: () => 0, lastPing: () => 0, findFailures: () => 0 },
      ...{ setLastPong() {}, setLastPing() {}, setFindFailures() {}, putNode() {}, seeds: async () => [] },
    }
    const server = await start(1, { nodeDatabase })
    expect(server.localNode.seq).toBe(8n)
  },
  async netRestrict() {
    const { clock, server } = await pair(() => ({ netRestrict: parseNetlist('192.168.0.0/16') }))
    await clock.advance(60_000)
    expect(server.peers()).toEqual([])
  },
  async enableMsgEvents() {
    const { server, clock } = await pair(() => ({
      ...{ enableMsgEvents: true, protocols: [echo.run(async (peer) => void (await peer.echo({ n: 1n })))] },
    }))
    expect(await clock.runUntil(next(server, 'msg:send'))).toMatchObject({ protocol: 'echo', version: 1, code: 0 })
  },
  async newPeerHook() {
    const seen: string[] = []
    const { server, other } = await connected(() => ({
      newPeerHook: ({ id }) => {
        seen.push(id)
        throw new Error('unforeseen')
      },
      protocols: [echo.run(() => void seen.push('running'))],
    }))
    expect(seen).toEqual([other.localNode.nodeIdHex, 'running'])
    expect(server.peers()).toHaveLength(1)
  },
  async crypto() {
    let used = 0
    await connected(() => ({
      crypto: {
        ...pureCrypto,
        aesCtr(key, iv) {
          used++
          return pureCrypto.aesCtr(key, iv)
        },
      },
    }))
    expect(used).toBeGreaterThanOrEqual(2)
  },
  async clock() {
    const { peer, clock } = await connected()
    expect(peer.connectedAtMs).toBe(clock.now())
  },
  async random() {
    const random = createSeededRandom(9)
    let used = 0
    await connected(() => ({
      random: {
        bytes(count) {
          used++
          return random.bytes(count)
        },
      },
    }))
    expect(used).toBeGreaterThan(0)
  },
  async dial() {
    const dialled: string[] = []
    await connected(({ network }) => ({
      dial(endpoint, options) {
        dialled.push(endpoint.ip)
        return network.host('10.0.0.1').dial(endpoint, options)
      },
    }))
    expect(dialled).toEqual(['10.0.0.2'])
  },
  async bind() {
    const { start, network } = createWorld()
    const server = await start(1, { bind: network.host('10.0.0.77').listen })
    expect(server.nodeInfo().listenAddr).toBe('10.0.0.77:30303')
  },
  async bindDatagram() {
    const { start, datagrams } = createWorld()
    const bound: number[] = []
    await start(1, {
      discovery: [whispers()],
      bindDatagram(endpoint) {
        bound.push(endpoint.port)
        return datagrams.host('10.0.0.1').bind(endpoint)
      },
    })
    expect(bound).toEqual([30303])
  },
  async resolver() {
    const { peer } = await connected((_, { localNode }) => ({
      staticNodes: [localNode.enode.replace('10.0.0.2', 'peer.example')],
      resolver: { addresses: async () => ['10.0.0.2'], texts: async () => [] },
    }))
    expect(peer.local.ip).toBe('10.0.0.2')
  },
  async runHandshake() {
    let handshakes = 0
    await connected(({ clock }) => ({
      async runHandshake(...handshake) {
        handshakes++
        await sleep(clock, 100)
        return await runHandshake(...handshake)
      },
    }))
    expect(handshakes).toBe(1)
  },
  async newTransport() {
    const sent: number[] = []
    await connected(() => ({
      newTransport(options) {
        const transport = createTransport(options)
        const { send } = transport
        transport.send = (code, payload, lane) => {
          sent.push(code)
          return send(code, payload, lane)
        }
        return transport
      },
    }))
    expect(sent[0]).toBe(0)
  },
  async logger() {
    const { lines, logger } = recordingLogger()
    await connected(() => ({ logger }))
    expect(lines).toContain('debug Adding p2p peer')
  },
  async metrics() {
    const values = new Map<string, number>()
    const gauge = (name: string) => ({ set: (value: number) => void values.set(name, value) })
    const nothing = { add: () => undefined, observe: () => undefined }
    const { clock } = await connected(() => ({
      metrics: { gauge, counter: () => nothing, histogram: () => nothing },
    }))
    await clock.settle()
    expect(values.get('p2p/peers')).toBe(1)
  },
}

async function discoverySwitch(option: 'discoveryV4' | 'discoveryV5', name: string): Promise<void> {
  const { start } = createWorld()
  const { lines, logger } = recordingLogger()
  const other = whispers({ name: 'other' })
  const given = whispers({ name })
  const off = await start(1, { [option]: false, discovery: [given, other], logger })
  expect(off.nodeInfo().discovery).toEqual(['other'])
  const on = await start(2, { [option]: true, discovery: [given], logger })
  expect(on.nodeInfo().discovery).toEqual([name])
  const unsaid = await start(3, { discovery: [given], logger })
  expect(unsaid.nodeInfo().discovery).toEqual([name])
  const warnings = (): string[] => lines.filter((line) => line.startsWith('warn'))
  expect(warnings()).toEqual([])
  const missing = await start(4, { [option]: true, discovery: [other], logger })
  expect(missing.nodeInfo().discovery).toEqual(['other'])
  expect(warnings()).toEqual([`warn ${option} is on, but no discovery protocol named ${name} was given`])
}

describe('the effect of', () => {
  test.each(Object.entries(effects))('%s', async (_, effect) => {
    await effect()
  })
})

describe('what cannot be is an error that names the option, the value and what was expected', () => {
  const base = { privateKey: new Uint8Array(32).fill(1), clientId: 'test', protocols: [], logger: silentLogger }
  test.each<[string, object, string]>([
    ['a negative number', { maxPeers: -1 }, 'maxPeers must be an integer from 0, got -1'],
    ['a fraction', { maxPendingPeers: 0.5 }, 'maxPendingPeers must be an integer from 1, got 0.5'],
    ['no ratio', { dialRatio: 0.5 }, 'dialRatio must be a number from 1, got 0.5'],
    ['not a number', { maxPeers: Number.NaN }, 'maxPeers must be an integer from 0, got null'],
    ['a text for a number', { maxPeers: '50' }, 'maxPeers must be an integer from 0, got "50"'],
    ['a text for a switch', { noDial: 'yes' }, 'noDial must be true or false, got "yes"'],
    ['an unknown policy', { policy: 'geth' }, `policy must be 'geth-2026' or 'geth-2018', got "geth"`],
    [
      'no port',
      { listen: { port: 70_000 } },
      'listen must be an object whose port is 0, or from 256 to 65535, got {"port":70000}',
    ],
    [
      'a name for an address',
      { listen: { host: 'localhost', port: 1 } },
      'listen must be an object whose host is an IP address, got {"host":"localhost","port":1}',
    ],
    [
      'a field that does not exist',
      { listen: { port: 1, udpPort: 2 } },
      'listen must be an object with nothing but host, port, got {"port":1,"udpPort":2}',
    ],
    [
      'no bandwidth',
      { bandwidth: { uploadBytesPerSecond: 0 } },
      'bandwidth must be an object whose uploadBytesPerSecond is a number above 0, got {"uploadBytesPerSecond":0}',
    ],
    [
      'a port that no record can have',
      { listen: { port: 80 } },
      'listen must be an object whose port is 0, or from 256 to 65535, got {"port":80}',
    ],
    [
      'a port of discovery that no record can have',
      { discAddr: { port: 80 } },
      'discAddr must be an object whose port is 0, or from 256 to 65535, got {"port":80}',
    ],
    [
      'no source',
      { sources: [listed(), 5] },
      'sources[1] must be an async iterable of nodes, or an object with nodes(), got 5',
    ],
    ['no discovery', { discovery: [5] }, 'discovery[0] must be a function that starts a discovery protocol, got 5'],
    [
      'no node database',
      { nodeDatabase: {} },
      'nodeDatabase must be a node database, an object with load(), save(), lastPong(), lastPing(), findFailures(), setLastPong(), setLastPing(), setFindFailures(), putNode(), seeds(), or a promise of one, got {}',
    ],
    [
      'a promise of no node database',
      { nodeDatabase: Promise.resolve({ load: () => 1n }) },
      'nodeDatabase must be a promise of a node database, an object with load(), save(),',
    ],
    [
      'half a local node',
      { localNode: { set() {}, delete() {}, setFallbackIp() {}, setFallbackUdp() {}, privateKey: '0x1234' } },
      'localNode must be a local node, as of createLocalNode, got a value of type object',
    ],
    ['a misspelt option', { maxpeers: 1 }, 'there is no option maxpeers; the nearest is maxPeers'],
    [
      'geth’s name for one',
      { EnableMsgEvent: true },
      'there is no option EnableMsgEvent; the nearest is enableMsgEvents',
    ],
    [
      'no node',
      { staticNodes: ['enode://abc@1.2.3.4:1'] },
      'staticNodes[0] must be an enode:// URL, an enr: text or a node, got "enode://abc@1.2.3.4:1"',
    ],
    [
      'nothing for a node',
      { trustedNodes: [null] },
      'trustedNodes[0] must be an enode:// URL, an enr: text or a node, got a value of type object',
    ],
    ['a list of one', { sources: {} }, 'sources must be an array of sources of nodes, got {}'],
    [
      'half a clock',
      { clock: { now: () => 0 } },
      'clock must be an object with now(), monotonicMs(), setTimer(), got {}',
    ],
    ['no crypto', { crypto: null }, 'crypto must be an object with publicKey(), isPrivateKey(), got null'],
    [
      'two protocols of one name',
      { protocols: [echo.run(() => undefined), echo.run(() => undefined)] },
      'protocols must have different names, got "echo" twice',
    ],
    [
      'nothing for a protocol',
      { protocols: [null] },
      'protocols[0] must be an object with name, versions, limits, run, nodeInfo, peerInfo, recordEntries, candidates, got null',
    ],
    [
      'a protocol without limits',
      { protocols: [echo.run(() => undefined), { name: 'x', versions: { 1: { length: 1 } }, run: () => undefined }] },
      'protocols[1] must be an object whose limits is an object with maxMessageBytes, maxBytesOf, oversized, got {"name":"x"',
    ],
    [
      'a protocol without a bound',
      { protocols: [{ ...echo.run(() => undefined), limits: {} }] },
      'protocols[0] must be an object whose limits is an object whose maxMessageBytes is an integer from 0, got',
    ],
    [
      'a protocol of a long name',
      { protocols: [{ ...echo.run(() => undefined), name: 'ninechars' }] },
      'protocols[0] must be an object whose name is 1 to 8 characters of ASCII, got',
    ],
    [
      'a protocol without lengths',
      { protocols: [{ ...echo.run(() => undefined), versions: { 1: {} } }] },
      'protocols[0] must be an object whose versions is an object of lengths by version, where 1 is not an object whose length is an integer from 0, got',
    ],
    [
      'a protocol of a version that is no number',
      { protocols: [{ ...echo.run(() => undefined), versions: { one: { length: 1 } } }] },
      'where one is not a version, got',
    ],
    [
      'a protocol that does nothing',
      { protocols: [{ ...echo.run(() => undefined), run: undefined }] },
      'protocols[0] must be an object whose run is a function, got',
    ],
    ['a key that is none', { privateKey: new Uint8Array(32) }, 'privateKey must be a key of secp256k1'],
    ['a short key', { privateKey: new Uint8Array(31) }, 'privateKey must be 32 bytes, got 31 bytes'],
    ['a key as text', { privateKey: '0x1234' }, 'privateKey must be 32 bytes, got a value of type string'],
  ])('%s', async (_, some, message) => {
    const failure = createP2pServer({ ...base, ...some } as P2pServerOptions)
    await expect(failure).rejects.toThrow(message)
    await failure.catch((error: unknown) =>
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true),
    )
  })

  test('a client’s name is as long as hello has room for beside the protocols', async () => {
    const { start, clock } = createWorld()
    const bytes = 'clientId must have at most 1963 bytes beside these protocols, got 1964 bytes'
    await expect(start(1, { clientId: 'x'.repeat(1_964) })).rejects.toThrow(bytes)
    await expect(start(1, { clientId: 'x'.repeat(100_000) })).rejects.toThrow(/at most 1963 .* got 100000 bytes/)
    await expect(start(1, { clientId: 'é'.repeat(1_000) })).rejects.toThrow(/got 2000 bytes/)
    const server = await start(1, { clientId: 'x'.repeat(1_963), listen: { port: 65_535 } })
    const other = await start(2, { staticNodes: [server.localNode.enode] })
    const { peer } = await clock.runUntil(next(other, 'peer:add'))
    expect(peer.clientId).toHaveLength(1_963)
  })

  test('protocols have names that hello has room for', async () => {
    const versions = Object.fromEntries(Array.from({ length: 256 }, (_, version) => [version, { length: 1 }]))
    const protocol = { ...echo.run(() => undefined), name: 'longname' }
    await expect(createP2pServer({ ...base, protocols: [{ ...protocol, versions }] })).rejects.toThrow(
      /^protocols must have names and versions that fit into a hello of 2048 bytes, got \d+ bytes$/,
    )
    const more = { ...versions, 256: { length: 1 } }
    await expect(createP2pServer({ ...base, protocols: [{ ...protocol, versions: more }] })).rejects.toThrow(
      'protocols must have at most 256 versions in all, got 257',
    )
  })

  test.each([undefined, null, 5, 'options'])('options that are %j', async (options) => {
    const failure = createP2pServer(options as unknown as P2pServerOptions)
    await expect(failure).rejects.toThrow(new TypeError(`options must be an object, got ${JSON.stringify(options)}`))
  })

  test('an option that is there but undefined is one that is absent', async () => {
    const { start } = createWorld()
    const absent = { maxPeers: undefined, dropper: undefined, nat: undefined, crypto: undefined } as object
    expect((await start(1, absent)).dialState().maxDialed).toBe(16)
  })
})

describe('the table of options in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| (.*?) +\|$/gm)].map(([, row = '']) => row.split(/ *\| */))
  const options = rows.filter(([first = '']) => /^`[a-zA-Z0-9]+`$/.test(first))
  const named = (name: string): string[] | undefined => options.find(([first]) => first === `\`${name}\``)

  test('has all of them, and no others', () => {
    expect(options.map(([first = '']) => first.slice(1, -1)).sort()).toEqual([...optionNames].sort())
  })

  test('has all of geth’s', () => {
    // p2p.Config of geth v1.17.8, and the two hooks of 1.8's Server.
    const fields = [
      ...[
        'PrivateKey',
        'MaxPeers',
        'MaxPendingPeers',
        'DialRatio',
        'NoDiscovery',
        'DiscoveryV4',
        'DiscoveryV5',
        'Name',
      ],
      ...['BootstrapNodes', 'BootstrapNodesV5', 'StaticNodes', 'TrustedNodes', 'NetRestrict', 'NodeDatabase'],
      ...['Protocols', 'ListenAddr', 'DiscAddr', 'NAT', 'Dialer', 'NoDial', 'EnableMsgEvents', 'Logger', 'clock'],
      ...['newTransport', 'newPeerHook'],
    ]
    const theirs = new Set(rows.flatMap((row) => row[1]?.match(/`(\w+)`/g) ?? []))
    for (const field of fields) expect(theirs, field).toContain(`\`${field}\``)
  })

  test('has the defaults of the code', () => {
    for (const [name, value] of Object.entries(optionDefaults)) {
      const shown = name === 'host' ? named('listen')?.[2] : named(name)?.[2]
      expect(shown, name).toContain(String(value))
    }
  })
})
