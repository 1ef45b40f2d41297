import { type ByteStream, type Clock, type Dial, randomFraction, sleep } from '@ethwire/io'
import { createSeededRandom, createStoppableClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import type { P2pServerOptions } from '../src/index.ts'
import { collect, createWorld, echo, next } from './support.ts'

/** A stream over a network that loses segments: TCP delivers all of them in the end, some of them late, and so all behind. */
function lossy(stream: ByteStream, clock: Clock, lossPercent: number, seed: number): ByteStream {
  const random = createSeededRandom(seed)
  const lateMs = (): number => {
    let ms = 0
    // RFC 6298: each time that a segment is lost again, its timer runs twice as long.
    for (let timeoutMs = 200; randomFraction(random) * 100 < lossPercent; timeoutMs *= 2) ms += timeoutMs
    return ms
  }
  let before: Promise<unknown> = Promise.resolve()
  const late: ByteStream = Object.create(stream, {
    write: {
      value: (bytes: Uint8Array) => {
        const written = before.then(async () => {
          await sleep(clock, lateMs())
          await stream.write(bytes)
        })
        before = written.catch(() => undefined)
        return written
      },
    },
    end: { value: () => before.then(() => stream.end()) },
  })
  return late
}

test('case 69: a network that loses 20 % of all segments costs no peer, and no answer', async () => {
  const { clock, network, start } = createWorld()
  let answers = 0
  const asking = echo.run(async (peer) => {
    for (let n = 0n; ; n++) {
      await peer.echo({ n }, { timeoutMs: 30_000 })
      answers++
      await sleep(clock, 1_000)
    }
  })
  let streams = 0
  const dial: Dial = async (endpoint, options) =>
    lossy(await network.host('10.0.0.1').dial(endpoint, options), clock, 20, streams++)
  const others = await Promise.all([2, 3, 4].map((n) => start(n)))
  const staticNodes = others.map(({ localNode }) => localNode.enode)
  const server = await start(1, { staticNodes, dial, protocols: [asking], maxPeers: 9 })
  const drops = collect(server, 'peer:drop')
  await clock.advance(600_000)
  expect(server.peers()).toHaveLength(3)
  expect(drops).toEqual([])
  expect(answers).toBeGreaterThan(3 * 400)
})

describe('case 70: a process that is stopped', () => {
  test('together with its peers, as a machine is, goes on where it was', async () => {
    const { clock, start } = createWorld()
    const stopped = createStoppableClock(clock)
    const a = await start(1, { clock: stopped })
    const b = await start(2, { clock: stopped, staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    const drops = [collect(a, 'peer:drop'), collect(b, 'peer:drop')]
    stopped.stop()
    await clock.advance(600_000)
    stopped.resume()
    await clock.advance(600_000)
    expect(drops).toEqual([[], []])
    expect(a.peers()).toHaveLength(1)
  })

  test('alone for 10 min loses its peers, and is back within a minute', async () => {
    const { clock, network, start } = createWorld()
    const stopped = createStoppableClock(clock)
    let isStopped = false
    const other = await start(2)
    const dial: Dial = async (endpoint, options) => {
      const stream = await network.host('10.0.0.1').dial(endpoint, options)
      const reader = stream[Symbol.asyncIterator]()
      // A process that is stopped reads nothing.
      const next = async (): Promise<IteratorResult<Uint8Array>> => {
        const result = await reader.next()
        while (isStopped) await sleep(clock, 1_000)
        return result
      }
      return Object.create(stream, { [Symbol.asyncIterator]: { value: () => ({ next }) } })
    }
    const server = await start(1, { clock: stopped, dial, staticNodes: [other.localNode.enode] })
    await clock.runUntil(next(server, 'peer:add'))
    stopped.stop()
    isStopped = true
    const drops = collect(server, 'peer:drop')
    await clock.advance(600_000)
    expect([server.peers().length, other.peers().length]).toEqual([1, 0])
    isStopped = false
    stopped.resume()
    await clock.advance(60_000)
    expect(drops).toMatchObject([{ side: 'remote' }])
    expect(server.peers()).toHaveLength(1)
    await clock.runUntil(server.close())
  })
})

test('case 58: a thousand dead nodes cost bounded dials, and are left alone longer and longer', async () => {
  const { clock, start } = createWorld()
  const a = await start(2)
  const dead = Array.from({ length: 1_000 }, (_, n) => ({
    ...a.localNode.address,
    nodeIdHex: n.toString(16).padStart(64, '0'),
    endpoints: [{ host: `10.${n >> 8}.${n & 255}.9`, tcpPort: 1, udpPort: 1 }],
  }))
  let active = 0
  let most = 0
  let dials = 0
  const sources: P2pServerOptions['sources'] = [
    {
      async *nodes({ signal } = {}) {
        for (;;) {
          yield* dead
          await sleep(clock, 10_000, signal && { signal })
        }
      },
    },
  ]
  await start(1, {
    sources,
    async dial(_, { signal } = {}) {
      dials++
      most = Math.max(most, ++active)
      try {
        return await new Promise<never>((_, reject) => signal?.addEventListener('abort', reject))
      } finally {
        active--
      }
    },
  })
  await clock.advance(1_800_000)
  expect(most).toBeLessThanOrEqual(50)
  // 32 at a time (twice what is missing), 15 s each.
  expect(dials).toBeLessThanOrEqual((1_800 / 15 + 1) * 32)
})
