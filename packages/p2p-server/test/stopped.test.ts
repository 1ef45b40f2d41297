import type { NodeAddress } from '@ethwire/enr'
import { type ByteStream, type Clock, sleep } from '@ethwire/io'
import { createStoppableClock, type StoppableClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import type { P2pServer } from '../src/index.ts'
import { collect, createWorld } from './support.ts'

const MINUTE_MS = 60_000

/** A process that can be stopped: its timers do not run then, and nothing comes in or goes out. */
function createProcess(world: Clock): { clock: StoppableClock; held: (stream: ByteStream) => ByteStream } {
  const clock = createStoppableClock(world)
  let running = Promise.withResolvers<void>()
  running.resolve()
  return {
    clock: {
      ...clock,
      stop() {
        running = Promise.withResolvers()
        clock.stop()
      },
      resume() {
        clock.resume()
        running.resolve()
      },
    },
    held: (stream) => ({
      ...{ remote: stream.remote, local: stream.local, closed: stream.closed },
      async write(bytes) {
        await running.promise
        await stream.write(bytes)
      },
      end: () => stream.end(),
      abort: (reason) => stream.abort(reason),
      async *[Symbol.asyncIterator]() {
        for await (const chunk of stream) {
          await running.promise
          yield chunk
        }
        await running.promise
      },
    }),
  }
}

describe.each(['geth-2026', 'geth-2018'] as const)('under the policy %s', (policy) => {
  test('case 70: a node that was stopped for 10 min loses its peers, has them back within 2 min, and makes no storm of dials', async () => {
    const { clock: world, network, start } = createWorld()
    const others = await Promise.all([2, 3, 4, 5, 6].map((n) => start(n)))
    const known = (): NodeAddress[] => others.map(({ localNode }) => localNode.address)
    const process = createProcess(world)
    const { dial, listen } = network.host('10.0.0.1')
    let dials = 0
    const source = {
      name: 'table',
      async *nodes({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<NodeAddress> {
        for (;;) {
          yield* known()
          await sleep(process.clock, 1_000, signal && { signal })
        }
      },
      ...{ readRandomNodes: known, lookup: async () => known(), resolve: async () => undefined },
    }
    const [statically] = others as [P2pServer]
    const a = await start(1, {
      ...{ policy, clock: process.clock, bind: listen, maxPeers: 30, sources: [source] },
      staticNodes: [statically.localNode.enode],
      async dial(endpoint, options) {
        dials++
        return process.held(await dial(endpoint, options))
      },
    })
    await world.advance(MINUTE_MS)
    expect(a.peers()).toHaveLength(5)
    const dropped = collect(a, 'peer:drop')
    dials = 0
    process.clock.stop()
    await world.advance(10 * MINUTE_MS)
    expect(others.map((server) => server.peers().length)).toEqual([0, 0, 0, 0, 0])
    expect(dropped).toHaveLength(0)
    process.clock.resume()
    await world.advance(2 * MINUTE_MS)
    expect(dropped).toHaveLength(5)
    expect(a.peers()).toHaveLength(5)
    expect(dials).toBeLessThanOrEqual(10)
  })
})
