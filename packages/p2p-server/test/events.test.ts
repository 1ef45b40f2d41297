import { createDialScheduler } from '@ethwire/dialer'
import type { ByteStream } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import type { P2pServer, P2pServerEvent, P2pServerEventStream } from '../src/index.ts'
import { collect, createWorld, echo, next } from './support.ts'

/** Reads a stream by and by: what each call of it returns waited until then. */
function drainer(stream: P2pServerEventStream): () => Promise<P2pServerEvent[]> {
  let asked: Promise<IteratorResult<P2pServerEvent, undefined>> | undefined
  return async () => {
    const events: P2pServerEvent[] = []
    for (;;) {
      asked ??= stream.next()
      const turn = new Promise<undefined>((resolve) => setImmediate(resolve, undefined))
      const result = await Promise.race([asked, turn])
      if (result === undefined || result.done) return events
      asked = undefined
      events.push(result.value)
    }
  }
}

const drain = (stream: P2pServerEventStream): Promise<P2pServerEvent[]> => drainer(stream)()

async function readAll(stream: P2pServerEventStream): Promise<P2pServerEvent[]> {
  const events: P2pServerEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

const types = (events: readonly P2pServerEvent[]): string[] => events.map(({ type }) => type)

describe('a stream of events', () => {
  test('has all of them, in order, and ends with the server', async () => {
    const { clock, start } = createWorld()
    const [a, full] = [await start(1), await start(3, { maxPeers: 0 })]
    const b = await start(2)
    const reading = readAll(b.events())
    b.addPeer(a.localNode.enode)
    await clock.runUntil(next(b, 'peer:add'))
    b.addPeer(full.localNode.enode)
    await clock.runUntil(next(b, 'dial:failed'))
    await clock.runUntil(b.close())
    const events = await clock.runUntil(reading)
    expect(types(events).filter((type) => type !== 'dial:refused')).toEqual(['peer:add', 'dial:failed', 'peer:drop'])
    const failed = events.find(({ type }) => type === 'dial:failed')
    expect(failed).toMatchObject({
      stage: 'hello',
      isStatic: true,
      rule: undefined,
      error: { code: 'P2P_DISCONNECTED' },
    })
    const dropped = events.at(-1)
    expect(dropped).toMatchObject({ type: 'peer:drop', rule: 'closing', side: 'local', reason: 8 })
    if (dropped?.type !== 'peer:drop') throw new Error('expected a drop')
    expect(dropped.bytesReceived).toBeGreaterThan(100)
    expect(dropped.bytesSent).toBeGreaterThan(100)
    expect((await b.events().next()).done).toBe(true)
  })

  test('says how many it lost between which, when its reader is slow, and costs others nothing', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const [slow, fast] = [a.events({ maxWaiting: 4 }), a.events()]
    const b = await start(2)
    const seen: P2pServerEvent[] = []
    const [readFast, readSlow] = [drainer(fast), drainer(slow)]
    for (let n = 0; n < 3; n++) {
      b.addPeer(a.localNode.enode)
      await clock.runUntil(next(a, 'peer:add'))
      b.removePeer(a.localNode.enode)
      await clock.runUntil(next(a, 'peer:drop'))
      await clock.advance(60_000)
      seen.push(...(await readFast()))
    }
    expect(types(seen)).toEqual(['peer:add', 'peer:drop', 'peer:add', 'peer:drop', 'peer:add', 'peer:drop'])
    expect(types(await readSlow())).toEqual(['peer:add', 'peer:drop', 'peer:add', 'peer:drop'])
    expect([slow.dropped, fast.dropped]).toEqual([2, 0])
    b.addPeer(a.localNode.enode)
    await clock.runUntil(next(a, 'peer:add'))
    expect(await readSlow()).toMatchObject([{ type: 'events:dropped', count: 2 }, { type: 'peer:add' }])
  })

  test('tells at its end what it lost before', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const slow = a.events({ maxWaiting: 1 })
    await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    await clock.runUntil(a.close())
    expect(types(await drain(slow))).toEqual(['peer:add', 'events:dropped'])
    expect((await slow.next()).done).toBe(true)
  })

  test('ends quietly when its signal aborts, or its reader leaves; then nothing is kept for it', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const abort = new AbortController()
    const given = a.events({ signal: abort.signal })
    const left = a.events()
    await left.return?.()
    const reading = readAll(given)
    abort.abort()
    expect(await reading).toEqual([])
    await start(2, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    expect([await drain(given), await drain(left)]).toEqual([[], []])
    expect((await a.events({ signal: abort.signal }).next()).done).toBe(true)
  })

  test('keeps at least one event', async () => {
    const { start } = createWorld()
    const a = await start(1)
    expect(() => a.events({ maxWaiting: 0 })).toThrow(RangeError)
  })
})

function errorLogger() {
  const errors: string[] = []
  const ignore = (): void => undefined
  const error = (_: unknown, message: string): void => void errors.push(message)
  return { errors, logger: { trace: ignore, debug: ignore, info: ignore, warn: ignore, error } }
}

const failures: [string, () => void][] = [
  [
    'throws',
    () => {
      throw new Error('unforeseen')
    },
  ],
  ['rejects', () => Promise.reject(new Error('unforeseen'))],
]

test.each(failures)('a listener that %s is logged, and others hear all the same', async (_, fail) => {
  const { clock, start } = createWorld()
  const { errors, logger } = errorLogger()
  const a = await start(1, { logger })
  a.on('peer:add', fail)
  await start(2, { staticNodes: [a.localNode.enode] })
  await clock.runUntil(next(a, 'peer:add'))
  expect(errors).toEqual(['An event listener failed'])
})

test('a newPeerHook that rejects is logged, and the peer stays', async () => {
  const { clock, start } = createWorld()
  const { errors, logger } = errorLogger()
  const a = await start(1, { logger, newPeerHook: () => Promise.reject(new Error('unforeseen')) })
  await start(2, { staticNodes: [a.localNode.enode] })
  await clock.advance(1_000)
  expect(errors).toEqual(['newPeerHook failed'])
  expect(a.peers()).toHaveLength(1)
})

test.each(failures)(
  'a dial scheduler that %s over a peer is logged, and the peer comes and goes all the same',
  async (_, fail) => {
    const { clock, start } = createWorld()
    const { errors, logger } = errorLogger()
    const a = await start(1, {
      logger,
      dialScheduler: (options) => ({
        ...createDialScheduler(options),
        ...{ peerAdded: fail, peerRemoved: fail, inboundPending: fail, inboundDone: fail },
      }),
    })
    await start(2, { staticNodes: [a.localNode.enode] })
    const { peer } = await clock.runUntil(next(a, 'peer:add'))
    const dropped = next(a, 'peer:drop')
    peer.disconnect(0)
    await clock.runUntil(dropped)
    expect(a.peers()).toEqual([])
    expect(errors).toEqual(Array(4).fill('The dial scheduler failed'))
  },
)

describe('a drop', () => {
  async function pair() {
    const world = createWorld()
    const a = await world.start(1)
    const b = await world.start(2, { staticNodes: [a.localNode.enode] })
    const { peer } = await world.clock.runUntil(next(a, 'peer:add'))
    const [atA, atB] = [next(a, 'peer:drop'), next(b, 'peer:drop')]
    return { ...world, a, b, peer, drops: () => world.clock.runUntil(Promise.all([atA, atB])) }
  }

  test.each<[string, (servers: { a: P2pServer; b: P2pServer }) => void, string, number]>([
    ['the user', ({ a }) => a.peers()[0]?.disconnect(1), 'requested', 1],
    ['removePeer', ({ a, b }) => a.removePeer(b.localNode.enode), 'removed', 0],
    ['close', ({ a }) => void a.close(), 'closing', 8],
  ])('by %s names the rule on this side, and the reason on both', async (_, act, rule, reason) => {
    const { a, b, drops } = await pair()
    act({ a, b })
    const [here, there] = await drops()
    expect(here).toMatchObject({ rule, reason, side: 'local' })
    expect(there).toMatchObject({ rule: undefined, reason, side: 'remote' })
  })

  test('by a subprotocol that returns names that', async () => {
    const { clock, start } = createWorld()
    const a = await start(1, { protocols: [{ ...echo.run(() => undefined), run: async () => undefined }] })
    await start(2, { staticNodes: [a.localNode.enode] })
    expect(await clock.runUntil(next(a, 'peer:drop'))).toMatchObject({ rule: 'protocol', reason: 8, side: 'local' })
  })

  test('by a subprotocol that throws what is not even a text names that, too', async () => {
    const { clock, start } = createWorld()
    const run = (): never => {
      throw Object.create(null)
    }
    const a = await start(1, { protocols: [{ ...echo.run(() => undefined), run }] })
    await start(2, { staticNodes: [a.localNode.enode] })
    expect(await clock.runUntil(next(a, 'peer:drop'))).toMatchObject({ rule: 'protocol', reason: 16, side: 'local' })
  })
})

describe('a fault of this side', () => {
  const faulty = (): never => {
    throw new TypeError('a bug of ours')
  }

  test('ends its peer with 0x10, is logged, and is not held against the peer', async () => {
    const { clock, start } = createWorld()
    const { errors, logger } = errorLogger()
    const reports: string[] = []
    const report = (_: unknown, offence: string): 'noted' => {
      reports.push(offence)
      return 'noted'
    }
    const reputation = { report, isBanned: () => undefined, backoffMs: () => 0, succeeded: () => undefined }
    const protocol = echo.run(() => undefined)
    const limits = { maxMessageBytes: 1024, maxBytesOf: faulty }
    const a = await start(1, { logger, reputation, protocols: [{ ...protocol, limits }] })
    await start(2, {
      staticNodes: [a.localNode.enode],
      protocols: [echo.run(async (peer) => void (await peer.echo({ n: 1n })))],
    })
    expect(await clock.runUntil(next(a, 'peer:drop'))).toMatchObject({
      ...{ side: 'local', rule: 'internal', reason: 16 },
      error: { code: 'P2P_INTERNAL', message: 'this side failed: a bug of ours' },
    })
    expect(errors).toEqual(['A peer is lost by a fault of this side'])
    expect(reports).toEqual([])
  })

  test('ends a connection before it is a peer, too', async () => {
    const { clock, start } = createWorld()
    const { errors, logger } = errorLogger()
    const a = await start(1, { logger, newTransport: faulty })
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    const atB = next(b, 'dial:failed')
    expect(await clock.runUntil(next(a, 'inbound:failed'))).toMatchObject({ error: { code: 'P2P_INTERNAL' } })
    expect(errors).toEqual(['A connection is lost by a fault of this side'])
    await clock.runUntil(atB)
  })

  test('is none where the stream breaks, whatever it breaks with', async () => {
    const { clock, network, start } = createWorld()
    const { errors, logger } = errorLogger()
    const a = await start(1, { logger })
    const streams: ByteStream[] = []
    await start(2, {
      staticNodes: [a.localNode.enode],
      logger,
      async dial(endpoint, options) {
        const stream = await network.host('10.0.0.2').dial(endpoint, options)
        streams.push(stream)
        return stream
      },
    })
    await clock.runUntil(next(a, 'peer:add'))
    const dropped = next(a, 'peer:drop')
    streams[0]?.abort(new Error('cut'))
    expect(await clock.runUntil(dropped)).toMatchObject({ side: 'remote', error: { code: 'P2P_CLOSED' } })
    expect(errors).toEqual([])
  })
})

describe('messages', () => {
  test('are events where they are to be: of subprotocols, by code, both ways', async () => {
    const { clock, start } = createWorld()
    const a = await start(1, { enableMsgEvents: true })
    const [sent, received] = [collect(a, 'msg:send'), collect(a, 'msg:recv')]
    const b = await start(2, {
      staticNodes: [a.localNode.enode],
      protocols: [echo.run(async (peer) => void (await peer.echo({ n: 7n })))],
    })
    await clock.advance(60_000)
    const common = { protocol: 'echo', version: 1, peer: { id: b.localNode.nodeIdHex } }
    expect(received).toMatchObject([{ ...common, code: 0 }])
    expect(sent).toMatchObject([{ ...common, code: 1 }])
    expect([received[0]?.bytes, sent[0]?.bytes]).toEqual([expect.any(Number), expect.any(Number)])
  })

  test('are told after the peer whose they are', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const b = await start(2, {
      ...{ enableMsgEvents: true, staticNodes: [a.localNode.enode] },
      protocols: [
        echo.run(async (peer) => {
          await peer.echo({ n: 7n })
        }),
      ],
    })
    const stream = b.events()
    await clock.advance(1_000)
    expect(types(await drain(stream)).slice(0, 3)).toEqual(['peer:add', 'msg:send', 'msg:recv'])
  })

  test('are no events otherwise', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const received = collect(a, 'msg:recv')
    await start(2, {
      staticNodes: [a.localNode.enode],
      protocols: [echo.run(async (peer) => void (await peer.echo({ n: 7n })))],
    })
    await clock.advance(60_000)
    expect(received).toEqual([])
  })
})
