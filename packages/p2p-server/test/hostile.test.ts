import { pureCrypto } from '@ethwire/crypto'
import { type ByteStream, noMetrics, sleep } from '@ethwire/io'
import { DisconnectReason, type Protocol } from '@ethwire/protocol'
import { encodeBytes, encodeList } from '@ethwire/rlp-codec'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { BaseMessage, decodeDisconnect, EMPTY_LIST, encodeDisconnect } from '../src/base-protocol.ts'
import type { SetUpConnection } from '../src/connection-setup.ts'
import { encodeHello } from '../src/hello.ts'
import { P2pError, runHandshake } from '../src/index.ts'
import { createTransport } from '../src/transport.ts'
import { collect, createWorld, echo, next, type World } from './support.ts'

/** Everything that a server sends a raw peer until it is gone, and the reason it gave. */
async function farewell({ clock }: World, { transport }: SetUpConnection): Promise<number | undefined> {
  const read = async (): Promise<number | undefined> => {
    try {
      for (;;) {
        const { code, payload } = await transport.receive()
        if (code === BaseMessage.Disconnect) return decodeDisconnect(payload)
      }
    } catch (error) {
      if (error instanceof P2pError) return undefined
      throw error
    }
  }
  return await clock.runUntil(read())
}

describe('pings', () => {
  test('case 34: ten in a second are all answered', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const { transport } = await world.raw(2, server)
    for (let i = 0; i < 10; i++) await transport.send(BaseMessage.Ping, EMPTY_LIST)
    for (let i = 0; i < 10; i++) expect((await world.clock.runUntil(transport.receive())).code).toBe(BaseMessage.Pong)
  })

  test('case 34: a burst of 10,000 ends the peer with 0x02 a second later, also when nothing more comes', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server)
    const dropped = next(server, 'peer:drop')
    for (let i = 0; i < 100; i++) {
      await Promise.all(
        Array.from({ length: 100 }, () =>
          connection.transport.send(BaseMessage.Ping, EMPTY_LIST).catch(() => undefined),
        ),
      )
    }
    const sentMs = world.clock.monotonicMs()
    expect(await world.clock.runUntil(dropped)).toMatchObject({
      reason: DisconnectReason.ProtocolBreach,
      side: 'local',
    })
    // A second of patience, and one for the farewell that the peer does not read.
    expect(world.clock.monotonicMs() - sentMs).toBeLessThanOrEqual(2_000)
  })

  test('case 34: a few over the budget are not answered, and cost nothing else', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const { transport } = await world.raw(2, server)
    for (let i = 0; i < 40; i++) await transport.send(BaseMessage.Ping, EMPTY_LIST)
    await world.clock.advance(2_000)
    expect(server.peers()).toHaveLength(1)
  })

  test('case 34: 10,000 are answered within the budget, and end the peer with 0x02 when they go on for a second', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server)
    const { transport } = connection
    const dropped = next(server, 'peer:drop')
    let pongs = 0
    const counting = (async () => {
      for (;;) {
        const { code, payload } = await transport.receive()
        if (code === BaseMessage.Pong) pongs++
        if (code === BaseMessage.Disconnect) return decodeDisconnect(payload)
      }
    })()
    let over = false
    void dropped.then(() => {
      over = true
    })
    for (let sent = 0; sent < 10_000 && !over; sent += 100) {
      const burst = Array.from({ length: 100 }, () => transport.send(BaseMessage.Ping, EMPTY_LIST))
      await Promise.allSettled(burst)
      await world.clock.advance(20)
    }
    expect(await world.clock.runUntil(counting)).toBe(DisconnectReason.ProtocolBreach)
    expect(pongs).toBeGreaterThanOrEqual(32)
    expect(pongs).toBeLessThanOrEqual(32 + 15)
  })
})

describe('silence', () => {
  test('case 39: a peer that says nothing gets 0x0b within 45 s', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server)
    const dropped = next(server, 'peer:drop')
    await world.clock.advance(45_000)
    expect(await dropped).toMatchObject({ reason: DisconnectReason.Timeout, side: 'local' })
    expect(await farewell(world, connection)).toBe(DisconnectReason.Timeout)
  })

  test('case 26: a message that drips in has 30 s for all of it', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const held: number[] = []
    let hold = false
    let write: ByteStream['write'] = async () => undefined
    const connection = await world.raw(2, server, {
      onDial(stream) {
        write = stream.write.bind(stream)
        stream.write = async (bytes) => (hold ? void held.push(...bytes) : await write(bytes))
      },
    })
    const dropped = next(server, 'peer:drop')
    hold = true
    await connection.transport.send(
      16,
      new Uint8Array(900).map((_, index) => index * index),
    )
    const started = world.clock.monotonicMs()
    let over = false
    void dropped.then(() => {
      over = true
    })
    for (const byte of held.slice(0, -1)) {
      if (over) break
      await write(Uint8Array.of(byte)).catch(() => undefined)
      await world.clock.advance(1_000)
    }
    expect(await dropped).toMatchObject({ reason: DisconnectReason.Timeout, side: 'local' })
    const tookMs = world.clock.monotonicMs() - started
    expect(tookMs).toBeGreaterThanOrEqual(29_000)
    expect(tookMs).toBeLessThanOrEqual(33_000)
  })

  test('case 35: a peer that never reads is dropped 20 s after the first write that waits', async () => {
    const world = createWorld({ bufferBytes: 4096 })
    const flood = echo.run(async (peer) => {
      // What the peer owes is not waited for; only that there is room to ask.
      for (;;) await Promise.race([peer.echo({ n: 1n }, { timeoutMs: 60_000 }), peer.closed])
    })
    const server = await world.start(1, { protocols: [flood] })
    const { transport } = await world.raw(2, server)
    const dropped = next(server, 'peer:drop')
    const pings = setUpPings(world, transport)
    const { error } = await world.clock.runUntil(dropped)
    pings.stop()
    expect(error).toMatchObject({ code: 'P2P_TIMEOUT', message: 'a write waited for 20 s' })
    // The pongs that nobody reads fill 4 KiB within 10 s.
    expect(world.clock.monotonicMs()).toBeLessThanOrEqual(31_000)
  })
})

/** Keeps a raw peer's own side alive without reading. */
function setUpPings(world: World, transport: SetUpConnection['transport']): { stop(): void } {
  let stopped = false
  const ping = (): void => {
    if (stopped) return
    transport.send(BaseMessage.Ping, EMPTY_LIST).catch(() => undefined)
    world.clock.setTimer(100, ping)
  }
  ping()
  return {
    stop: () => {
      stopped = true
    },
  }
}

describe('hello', () => {
  test('case 36: another key than the handshake proved gets 0x09', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server, { hello: { publicKey: server.localNode.publicKey } })
    expect(await farewell(world, connection)).toBe(DisconnectReason.UnexpectedIdentity)
  })

  test('case 36: no key at all gets 0x07', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server, { hello: { publicKey: new Uint8Array(64) } })
    expect(await farewell(world, connection)).toBe(DisconnectReason.NullIdentity)
  })

  test('case 36: no shared capability gets 0x03', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server, { hello: { capabilities: [{ name: 'none', version: 1 }] } })
    expect(await farewell(world, connection)).toBe(DisconnectReason.UselessPeer)
  })

  test('case 37: a second one gets 0x02', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server)
    await connection.transport.send(BaseMessage.Hello, encodeHello({ ...connection.hello }))
    expect(await farewell(world, connection)).toBe(DisconnectReason.ProtocolBreach)
  })
})

describe('messages', () => {
  const codes: [string, number][] = [
    ['out of range', 200],
    ['256', 256],
    ['of four bytes', 0xffff_ffff],
  ]
  test.each(codes)('case 31: a code %s gets 0x02', async (_, code) => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server)
    await connection.transport.send(code, EMPTY_LIST)
    expect(await farewell(world, connection)).toBe(DisconnectReason.ProtocolBreach)
  })

  test('case 29: a message that would inflate past its protocol’s limit gets 0x02, uninflated', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const connection = await world.raw(2, server)
    await connection.transport.send(16, new Uint8Array(2 ** 20))
    expect(await farewell(world, connection)).toBe(DisconnectReason.ProtocolBreach)
  })

  const disconnects: [string, Uint8Array, number][] = [
    ['a bare number', Uint8Array.of(4), 4],
    ['nothing', new Uint8Array(0), 0xff],
    ['lists in lists', encodeList([encodeList([encodeList([])])]), 0xff],
    ['a long string', encodeBytes(new Uint8Array(1500)), 0xff],
    ['a list with more', encodeList([Uint8Array.of(8), Uint8Array.of(1)]), 8],
  ]
  test.each(disconnects)('case 38: a Disconnect that is %s ends the peer cleanly', async (_, payload, reason) => {
    const world = createWorld()
    const server = await world.start(1)
    const { transport } = await world.raw(2, server)
    const dropped = next(server, 'peer:drop')
    await transport.send(BaseMessage.Disconnect, payload)
    expect(await world.clock.runUntil(dropped)).toMatchObject({ reason, side: 'remote' })
  })

  test('codes that are reserved are ignored', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const { transport } = await world.raw(2, server)
    await transport.send(4, EMPTY_LIST)
    await transport.send(15, EMPTY_LIST)
    await transport.send(BaseMessage.Ping, EMPTY_LIST)
    expect((await world.clock.runUntil(transport.receive())).code).toBe(BaseMessage.Pong)
  })

  test.each<[string, (stream: ByteStream) => void]>([
    ['is reset', (stream) => stream.abort(new Error('reset'))],
    ['is half-closed', (stream) => void stream.end()],
  ])('case 33: a stream that %s in mid-frame ends its peer', async (_, cut) => {
    const world = createWorld()
    const server = await world.start(1)
    const streams: ByteStream[] = []
    let isCut = false
    const { transport } = await world.raw(2, server, {
      onDial(stream) {
        streams.push(stream)
        const write = stream.write.bind(stream)
        stream.write = (bytes) => write(isCut ? bytes.subarray(0, bytes.length - 1) : bytes)
      },
    })
    const dropped = next(server, 'peer:drop')
    isCut = true
    await transport.send(16, new Uint8Array(1000))
    for (const stream of streams) cut(stream)
    expect((await world.clock.runUntil(dropped)).error.code).toBe('P2P_CLOSED')
    expect(server.peers()).toHaveLength(0)
  })

  test('case 60: a close in mid-handshake tells the peer 0x08', async () => {
    const { clock, network, start } = createWorld()
    const server = await start(1)
    const privateKey = pureCrypto.keccak256(Uint8Array.of(2))
    const stream = await network.host('10.0.0.2').dial({ ip: '10.0.0.1', port: 30303 })
    const reader = stream[Symbol.asyncIterator]()
    const random = createSeededRandom(2)
    const options = { privateKey, remotePublicKey: server.localNode.publicKey, crypto: pureCrypto, random, clock }
    const handshake = await clock.runUntil(runHandshake(stream, reader, options))
    const transport = createTransport({ ...options, ...handshake, stream, reader, metrics: noMetrics })
    expect((await clock.runUntil(transport.receive())).code).toBe(BaseMessage.Hello)
    const closed = server.close()
    const { code, payload } = await clock.runUntil(transport.receive())
    expect([code, decodeDisconnect(payload)]).toEqual([BaseMessage.Disconnect, DisconnectReason.ClientQuitting])
    transport.abort(new P2pError('P2P_CLOSED', 'done'))
    await clock.runUntil(closed)
  })

  test('what is sent with a Disconnect on the way is no offence', async () => {
    const world = createWorld()
    const server = await world.start(1)
    const { transport } = await world.raw(2, server)
    const dropped = next(server, 'peer:drop')
    await transport.send(BaseMessage.Disconnect, encodeDisconnect(DisconnectReason.ClientQuitting))
    await transport.send(BaseMessage.Ping, EMPTY_LIST).catch(() => undefined)
    expect(await world.clock.runUntil(dropped)).toMatchObject({ reason: DisconnectReason.ClientQuitting })
  })
})

describe('two nodes that dial each other at once', () => {
  test('case 24: keep exactly one connection, the one that the smaller node ID dialled', async () => {
    for (const [x, y] of [
      [1, 2],
      [2, 1],
      [3, 4],
      [5, 6],
    ] as const) {
      const { clock, start } = createWorld()
      const a = await start(x)
      const b = await start(y)
      a.addPeer(b.localNode.enode)
      b.addPeer(a.localNode.enode)
      await clock.advance(5_000)
      const aIsSmaller = a.localNode.nodeIdHex < b.localNode.nodeIdHex
      expect(a.peers().map((peer) => peer.inbound)).toEqual([!aIsSmaller])
      expect(b.peers().map((peer) => peer.inbound)).toEqual([aIsSmaller])
      await clock.advance(120_000)
      expect([a.peers().length, b.peers().length]).toEqual([1, 1])
    }
  })

  test('case 24: keep the one that there is a place for, where inbound places are all taken', async () => {
    const pairs: [number, number][] = [
      [1, 2],
      [2, 1],
      [3, 4],
      [5, 6],
    ]
    for (const [x, y] of pairs) {
      const { clock, start } = createWorld()
      const a = await start(x, { maxPeers: 2, dialRatio: 2 })
      // Its dial is on its way while that of the other comes in.
      const b = await start(y, {
        async runHandshake(stream, reader, options) {
          if (options.remotePublicKey !== undefined) await sleep(clock, 100)
          return await runHandshake(stream, reader, options)
        },
      })
      const other = await start(9)
      other.addPeer(a.localNode.enode)
      await clock.runUntil(next(a, 'peer:add'))
      const [dropsOfA, dropsOfB] = [collect(a, 'peer:drop'), collect(b, 'peer:drop')]
      a.addPeer(b.localNode.enode)
      b.addPeer(a.localNode.enode)
      await clock.advance(5_000)
      expect(a.peers().map(({ id, inbound }) => [id, inbound])).toEqual([
        [other.localNode.nodeIdHex, true],
        [b.localNode.nodeIdHex, false],
      ])
      expect([...dropsOfA, ...dropsOfB]).toEqual([])
    }
  })

  test('and close meanwhile keep none', async () => {
    for (const [x, y] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const { clock, start } = createWorld()
      const slow: Protocol = {
        ...echo.run(() => undefined),
        async run({ messages }) {
          for await (const _ of messages);
          await sleep(clock, 2_000)
        },
      }
      const a = await start(x, { protocols: [slow] })
      const b = await start(y, { protocols: [slow] })
      a.addPeer(b.localNode.enode)
      b.addPeer(a.localNode.enode)
      await clock.advance(1_000)
      await clock.runUntil(Promise.all([a.close(), b.close()]))
      await clock.advance(5_000)
      expect([a.peers().length, b.peers().length]).toEqual([0, 0])
      expect(clock.timers).toBe(0)
    }
  })
})
