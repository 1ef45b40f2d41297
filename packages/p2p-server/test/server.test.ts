import { type Logger, silentLogger } from '@ethwire/io'
import { DisconnectReason, defineProtocol, type Protocol, type ProtocolConnection } from '@ethwire/protocol'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { dialHello, type P2pServerOptions } from '../src/index.ts'
import { createWorld, echo, next } from './support.ts'

describe('two servers', () => {
  test('connect by a static node, and run the protocol they share', async () => {
    const { clock, start } = createWorld()
    const answer = Promise.withResolvers<bigint>()
    const a = await start(1)
    const b = await start(2, {
      staticNodes: [a.localNode.enode],
      protocols: [echo.run(async (peer) => answer.resolve((await peer.echo({ n: 7n })).n))],
    })
    expect(await clock.runUntil(answer.promise)).toBe(7n)
    expect(a.peers()[0]?.info()).toMatchObject({
      name: 'test/2',
      caps: ['echo/1'],
      network: { inbound: true, static: false, trusted: false },
      protocols: { echo: 'unknown' },
    })
    expect(b.peers()[0]?.info()).toMatchObject({
      enode: a.localNode.enode,
      network: { inbound: false, static: true, remoteAddress: '10.0.0.1:30303' },
    })
  })

  test('refuse what the other would have to drop, and what was given up before it was sent', async () => {
    const { clock, start } = createWorld()
    const connected = Promise.withResolvers<ProtocolConnection>()
    const a = await start(1)
    const held: Protocol = {
      ...echo.run(() => undefined),
      async run(connection) {
        connected.resolve(connection)
        for await (const _ of connection.messages);
      },
    }
    await start(2, { staticNodes: [a.localNode.enode], protocols: [held] })
    const connection = await clock.runUntil(connected.promise)
    const tooLong = connection.send(0, new Uint8Array(1025))
    await expect(tooLong).rejects.toMatchObject({ code: 'PROTOCOL_MESSAGE_TOO_LONG' })
    const reason = new Error('given up')
    await expect(connection.send(0, new Uint8Array(1), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('part with reason 8 when one closes, and no timer is left', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    const dropped = next(a, 'peer:drop')
    await clock.runUntil(b.close())
    expect(await clock.runUntil(dropped)).toMatchObject({ reason: DisconnectReason.ClientQuitting, side: 'remote' })
    await clock.runUntil(a.close())
    expect(clock.timers).toBe(0)
  })

  test('a static node that is gone is dialled again until it is back', async () => {
    const { clock, network, start } = createWorld()
    const a = await start(1)
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(b, 'peer:add'))
    await clock.runUntil(a.close())
    await clock.runUntil(next(b, 'dial:failed'))
    expect(b.peers()).toHaveLength(0)
    await start(1, { dial: network.host('10.0.0.1').dial })
    const { peer } = await clock.runUntil(next(b, 'peer:add'))
    expect(peer.clientId).toBe('test/1')
  })

  test('a static node that drops us each time is dialled less and less often', async () => {
    const { clock, network, start } = createWorld()
    const host = network.host('127.0.0.1')
    const seams = { dial: host.dial, bind: host.listen }
    const a = await start(1, {
      ...seams,
      protocols: [echo.run((peer) => peer.disconnect(DisconnectReason.UselessPeer))],
    })
    const b = await start(2, { ...seams, listen: { port: 30304 } })
    let connections = 0
    b.on('peer:add', () => connections++)
    b.addPeer(a.localNode.enode)
    await clock.advance(60_000)
    const first = connections
    await clock.advance(240_000)
    // Doubling from a second: a handful in the first minute; then one in 35 s and more.
    expect(first).toBeLessThanOrEqual(7)
    expect(first).toBeGreaterThanOrEqual(4)
    expect(connections - first).toBeLessThanOrEqual(7)
  })

  test('a peer that is removed is disconnected and not dialled again', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(b, 'peer:add'))
    const dropped = next(b, 'peer:drop')
    expect(b.removePeer(a.localNode.enode)).toBe(true)
    expect(await clock.runUntil(dropped)).toMatchObject({ reason: DisconnectReason.Requested, side: 'local' })
    await clock.advance(300_000)
    expect(b.peers()).toHaveLength(0)
    expect(b.removePeer(a.localNode.enode)).toBe(false)
  })

  test('are there until their protocols have ended; one that goes on is named in the log', async () => {
    const { clock, start } = createWorld()
    const warnings: [object, string][] = []
    const logger: Logger = { ...silentLogger, warn: (fields, message) => void warnings.push([fields, message]) }
    const { promise, resolve } = Promise.withResolvers<void>()
    const b = await start(2, { logger, protocols: [{ ...echo.run(() => undefined), run: () => promise }] })
    const a = await start(1, { staticNodes: [b.localNode.enode] })
    await clock.advance(1000)
    await clock.runUntil(a.close())
    await clock.advance(4_999)
    expect(warnings).toEqual([])
    await clock.advance(1_000)
    const peer = a.localNode.nodeIdHex
    expect(warnings).toEqual([[{ peer, protocols: 'echo' }, 'A protocol goes on though its peer has ended']])
    expect(b.peers()).toHaveLength(1)
    resolve()
    await clock.advance(0)
    expect(b.peers()).toEqual([])
  })

  test('stay connected while idle: pings keep the read deadline away', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    await clock.advance(300_000)
    expect(a.peers()).toHaveLength(1)
  })
})

describe('a connection is refused', () => {
  async function refusal(options: Partial<P2pServerOptions>, dialler: Partial<P2pServerOptions> = {}) {
    const { clock, start } = createWorld()
    const a = await start(1, options)
    const b = await start(2, dialler)
    b.addPeer(a.localNode.enode)
    return await clock.runUntil(next(b, 'dial:failed'))
  }

  test('with reason 3 by a node that shares no protocol', async () => {
    const other = defineProtocol({ name: 'other', version: 1, messages: {}, limits: { maxMessageBytes: 9 } })
    const { error } = await refusal({ protocols: [other.run(() => undefined)] })
    expect(error.reason).toBe(DisconnectReason.UselessPeer)
  })

  test('with reason 4 by a node that has no room', async () => {
    const { error } = await refusal({ maxPeers: 0 })
    expect(error).toMatchObject({ code: 'P2P_DISCONNECTED', reason: DisconnectReason.TooManyPeers })
  })

  test('with reason 4 when the places for inbound peers are taken', async () => {
    // One of one place is for dialled peers.
    const { error } = await refusal({ maxPeers: 1 })
    expect(error).toMatchObject({ code: 'P2P_DISCONNECTED', reason: DisconnectReason.TooManyPeers })
  })

  test('with reason 10 when a node reaches itself; it does not dial itself knowingly', async () => {
    const { clock, start, raw } = createWorld()
    const a = await start(1)
    await expect(raw(1, a)).rejects.toMatchObject({ code: 'P2P_DISCONNECTED', reason: DisconnectReason.Self })
    const refused = next(a, 'dial:refused')
    a.addPeer(a.localNode.enode)
    expect((await clock.runUntil(refused)).reason).toBe('self')
  })

  test('with reason 5 when it is connected already', async () => {
    const { clock, network, start } = createWorld()
    const a = await start(1)
    await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    const twin = await start(2, { listen: { port: 30304 }, dial: network.host('10.0.0.2').dial })
    twin.addPeer(a.localNode.enode)
    expect((await clock.runUntil(next(twin, 'dial:failed'))).error.reason).toBe(DisconnectReason.AlreadyConnected)
  })

  test('case 23: when the node dialled proves another key', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const b = await start(2)
    const wrong = a.localNode.enode.replace(/enode:\/\/[0-9a-f]{128}/, b.localNode.enode.slice(0, 136))
    const c = await start(3, { staticNodes: [wrong] })
    const { error } = await clock.runUntil(next(c, 'dial:failed'))
    expect(error).toMatchObject({ code: 'P2P_AUTH_UNANSWERED', message: expect.stringContaining('is the key right?') })
  })
})

describe('a slow or silent other side', () => {
  test('case 20: one deadline of 5 s covers crypto handshake and hello, however bytes drip in', async () => {
    const { clock, network, start } = createWorld()
    const a = await start(1)
    const stream = await network.host('10.0.0.9').dial({ ip: '10.0.0.1', port: 30303 })
    const failed = next(a, 'inbound:failed')
    await stream.write(Uint8Array.of(1))
    await clock.advance(4_000)
    await stream.write(Uint8Array.of(0x90))
    await clock.advance(1_000)
    expect((await failed).error.code).toBe('P2P_TIMEOUT')
    expect(await clock.runUntil(stream.closed)).toBeDefined()
  })

  test('case 21: at most maxPendingPeers connections are in their handshake at once', async () => {
    const { clock, network, start } = createWorld()
    await start(1, { maxPendingPeers: 3 })
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => network.host('10.0.0.9').dial({ ip: '10.0.0.1', port: 30303 })),
    )
    await clock.advance(10)
    const closed = await Promise.all(
      streams.map((stream) => Promise.race([stream.closed, clock.settle().then(() => 'open')])),
    )
    expect(closed.filter((state) => state === 'open')).toHaveLength(3)
  })
})

describe('dialHello', () => {
  test('tells who a node is and parts', async () => {
    const { clock, network, start } = createWorld()
    const a = await start(1)
    const host = network.host('10.0.0.9')
    const asked = dialHello(a.localNode.enode, {
      dial: host.dial,
      clock,
      random: createSeededRandom(9),
      capabilities: [{ name: 'echo', version: 1 }],
    })
    const { hello, remotePublicKey } = await clock.runUntil(asked)
    expect(hello).toEqual({ protocolVersion: 5, clientId: 'test/1', capabilities: ['echo/1'], listenPort: 30303 })
    expect(remotePublicKey).toEqual(a.localNode.publicKey)
  })
})
