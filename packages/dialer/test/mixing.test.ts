import type { NodeAddress, NodeRecord } from '@ethwire/enr'
import { createAsyncQueue, sleep } from '@ethwire/io'
import { createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { bufferNodes, filterNodes, mixSources, type NodeProvider, type NodeSource } from '../src/index.ts'
import { FAR, id, keepingLogger, node, nodes, numberOf } from './support.ts'

/** A source of nodes first, first + 1, …, each after `delayMs`; it knows whether it was left. */
function source(clock: VirtualClock, first: number, delayMs: number, count = Number.POSITIVE_INFINITY) {
  const state = { left: false, given: 0 }
  async function* walk(signal: AbortSignal | undefined): AsyncGenerator<NodeAddress> {
    try {
      for (let n = 0; n < count; n++) {
        if (delayMs > 0) await sleep(clock, delayMs, signal && { signal })
        state.given++
        yield node(first + n, '8.8.8.8')
      }
    } finally {
      state.left = true
    }
  }
  return { state, provider: { name: `from ${first}`, nodes: ({ signal } = {}) => walk(signal) } satisfies NodeProvider }
}

/** Reads so many nodes, with the time that each took. */
async function read(clock: VirtualClock, from: NodeProvider, count: number): Promise<[n: number, waitedMs: number][]> {
  const result: [number, number][] = []
  const work = async (): Promise<void> => {
    let sinceMs = clock.monotonicMs()
    for await (const found of from.nodes()) {
      result.push([numberOf(found as NodeAddress), clock.monotonicMs() - sinceMs])
      sinceMs = clock.monotonicMs()
      if (result.length === count) return
    }
  }
  await clock.runUntil(work())
  return result
}

describe('a mix of sources', () => {
  test('takes them in turns', async () => {
    const clock = createVirtualClock()
    const sources = [source(clock, 100, 0), source(clock, 200, 0), source(clock, 300, 0)]
    const mix = mixSources(
      sources.map(({ provider }) => provider),
      { clock },
    )
    const taken = await read(clock, mix, 9)
    expect(taken.map(([n]) => n)).toEqual([100, 200, 300, 101, 201, 301, 102, 202, 302])
    expect(sources.map(({ state }) => state.left)).toEqual([true, true, true])
    expect(clock.timers).toBe(0)
  })

  test('waits 100 ms for a slow one, then 50, 25 …, until it answers in time again', async () => {
    const clock = createVirtualClock()
    const slow = createAsyncQueue<NodeAddress>({ maxItems: 10 })
    const mix = mixSources([{ name: 'slow', nodes: () => slow }, source(clock, 200, 0).provider], { clock })
    const iterator = mix.nodes()[Symbol.asyncIterator]()
    const takenAfter = async (): Promise<[number, number]> => {
      const sinceMs = clock.monotonicMs()
      const { value } = await clock.runUntil(iterator.next())
      return [numberOf(value as NodeAddress), clock.monotonicMs() - sinceMs]
    }
    const taken: [number, number][] = []
    for (let i = 0; i < 7; i++) taken.push(await takenAfter())
    slow.push(node(1))
    slow.push(node(2))
    for (let i = 0; i < 6; i++) taken.push(await takenAfter())
    await iterator.return?.()
    // The mix decides one node ahead of its reader, so that each wait shows one place earlier or later.
    const waits = taken.map(([, ms]) => ms).filter((ms) => ms > 0)
    expect(waits.slice(0, 3)).toEqual([100, 50, 25])
    expect(waits).toContain(100)
    expect(taken.map(([n]) => n)).toContain(1)
    expect(waits.filter((ms) => ms === 100).length).toBe(2)
  })

  test('case 59: goes on with the others when one source says nothing any more', async () => {
    const clock = createVirtualClock()
    const dead: NodeProvider = { name: 'dead', nodes: () => createAsyncQueue<NodeAddress>({ maxItems: 1 }) }
    const mix = mixSources([dead, dead, dead, source(clock, 1, 0).provider], { clock })
    const started = clock.monotonicMs()
    const taken = await read(clock, mix, 100)
    expect(taken.map(([n]) => n)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(clock.monotonicMs() - started).toBeLessThan(1_000)
  })

  test('reads a source that failed again, later each time, and says so', async () => {
    const clock = createVirtualClock()
    const { logger, lines } = keepingLogger()
    const startedMs: number[] = []
    const failing: NodeProvider = {
      name: 'failing',
      nodes: () => {
        startedMs.push(clock.monotonicMs())
        throw new Error('no network')
      },
    }
    const rejecting: NodeProvider = {
      name: 'rejecting',
      // biome-ignore lint/correctness/useYield: it fails before it has a node
      async *nodes() {
        throw new Error('no network')
      },
    }
    const mix = mixSources([failing, rejecting, source(clock, 1, 1_000).provider], { clock, logger })
    await read(clock, mix, 80)
    expect(startedMs).toEqual([0, 10_000, 30_000, 70_000])
    expect(lines).toEqual(Array.from({ length: 8 }, () => 'A source of nodes failed'))
    expect(clock.timers).toBe(0)
  })

  test('ends when all of its sources have ended', async () => {
    const clock = createVirtualClock()
    const mix = mixSources([source(clock, 1, 0, 2).provider, source(clock, 11, 5, 3).provider], { clock })
    const taken = await read(clock, mix, 100)
    expect(taken.map(([n]) => n).sort((a, b) => a - b)).toEqual([1, 2, 11, 12, 13])
    expect(clock.timers).toBe(0)
  })

  test('takes records and bare iterables', async () => {
    const clock = createVirtualClock()
    async function* bare(): AsyncGenerator<NodeAddress> {
      yield node(7)
    }
    expect(await read(clock, mixSources([bare()], { clock }), 5)).toEqual([[7, 0]])
  })

  test('stops at once when its reader leaves, also while all sources are silent', async () => {
    const clock = createVirtualClock()
    let returned = false
    const silent: NodeSource = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: async () => {
          returned = true
          return { done: true, value: undefined }
        },
      }),
    }
    const iterator = mixSources([silent, silent], { clock }).nodes()[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await clock.settle()
    await iterator.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await clock.settle()
    expect(returned).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('does not mind a source that fails when it is left', async () => {
    const clock = createVirtualClock()
    const rude: NodeSource = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: node(1) }),
        return: () => {
          throw new Error('rude')
        },
      }),
    }
    expect(await read(clock, mixSources([rude], { clock }), 1)).toEqual([[1, 0]])
    await clock.settle()
    expect(clock.timers).toBe(0)
  })

  test('stops when the signal aborts', async () => {
    const clock = createVirtualClock()
    const { provider, state } = source(clock, 1, 1_000)
    const { signal, abort } = abortable()
    const iterator = mixSources([provider], { clock }).nodes({ signal })[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await clock.settle()
    abort()
    expect((await waiting).done).toBe(true)
    await clock.settle()
    expect(state.left).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('does not read a source that never waits without a pause', async () => {
    const clock = createVirtualClock()
    async function* endless(): AsyncGenerator<NodeAddress> {
      for (;;) yield node(1)
    }
    const mix = mixSources([filterNodes(endless(), () => false, { clock })], { clock })
    const iterator = mix.nodes()[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await clock.advance(1_000)
    await iterator.return?.()
    expect((await waiting).done).toBe(true)
  })

  test('resolves a node by the first source that knows it', async () => {
    const clock = createVirtualClock()
    const empty = { nodes: () => createAsyncQueue<NodeAddress>({ maxItems: 1 }) }
    const mix = mixSources(
      [
        empty,
        { ...empty, resolve: () => Promise.reject(new Error('no answer')) },
        { ...empty, resolve: async () => undefined },
        { ...empty, resolve: async (asked) => asked },
        { ...empty, resolve: async () => node(1, '8.8.8.8') },
      ],
      { clock },
    )
    expect((await mix.resolve?.(node(1)))?.host).toBe('8.8.8.8')
    expect(mixSources([empty], { clock }).resolve).toBeUndefined()
  })
})

describe('a mix that is asked', () => {
  const nobody: NodeProvider = { nodes: () => createAsyncQueue<NodeAddress>({ maxItems: 1 }) }
  const some = (first: number, count: number): NodeAddress[] =>
    Array.from({ length: count }, (_, index) => node(first + index, '8.8.8.8'))

  test('takes random nodes of its sources in turn', () => {
    const mix = mixSources(
      [
        { ...nobody, readRandomNodes: (count) => some(10, count) },
        nobody,
        { ...nobody, readRandomNodes: () => some(20, 1) },
      ],
      { clock: createVirtualClock() },
    )
    expect(mix.readRandomNodes?.(4).map(numberOf)).toEqual([10, 20, 11, 12])
    expect(mix.readRandomNodes?.(0)).toEqual([])
  })

  test('takes random nodes of the others where one of its sources throws', () => {
    const broken = (): NodeAddress[] => {
      throw new Error('broken')
    }
    const sources = [
      { ...nobody, readRandomNodes: broken },
      { ...nobody, readRandomNodes: () => some(20, 1) },
    ]
    expect(mixSources(sources, { clock: createVirtualClock() }).readRandomNodes?.(4).map(numberOf)).toEqual([20])
  })

  test('looks a key up in all of them at once, and takes 64 nodes of each', async () => {
    const mix = mixSources(
      [
        nobody,
        { ...nobody, lookup: async () => some(100, 1_000) },
        { ...nobody, lookup: () => Promise.reject(new Error('no answer')) },
        { ...nobody, lookup: async () => some(10, 2) },
      ],
      { clock: createVirtualClock() },
    )
    const found = (await mix.lookup?.(new Uint8Array(64)))?.map(numberOf)
    expect(found?.slice(0, 5)).toEqual([100, 10, 101, 11, 102])
    expect(found).toHaveLength(66)
    expect(mixSources([nobody], { clock: createVirtualClock() }).lookup).toBeUndefined()
  })

  test('rejects when the asker has given up, and not for what a source throws then', async () => {
    const stop = new AbortController()
    const given = {
      ...nobody,
      lookup: async () => await new Promise<NodeAddress[]>((_, reject) => setImmediate(reject)),
    }
    const mix = mixSources([given], { clock: createVirtualClock() })
    const asked = mix.lookup?.(new Uint8Array(64), { signal: stop.signal })
    stop.abort(new Error('no longer wanted'))
    await expect(asked).rejects.toThrow('no longer wanted')
  })
})

function abortable(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

describe('a filter', () => {
  test('lets through what its check says, whether it answers now or later', async () => {
    const clock = createVirtualClock()
    for (const check of [
      (found: NodeAddress) => numberOf(found) % 2 === 0,
      async (found: NodeAddress) => numberOf(found) % 2 === 0,
    ]) {
      const refused: number[] = []
      const even = filterNodes(source(clock, 1, 0, 9).provider, check, {
        clock,
        onRefused: (found) => refused.push(numberOf(found)),
      })
      expect((await read(clock, even, 100)).map(([n]) => n)).toEqual([2, 4, 6, 8])
      expect(refused).toEqual([1, 3, 5, 7, 9])
    }
  })

  test('runs 16 checks at a time, and no more', async () => {
    const clock = createVirtualClock()
    let running = 0
    let most = 0
    const slow = async (): Promise<boolean> => {
      most = Math.max(most, ++running)
      await sleep(clock, 1_000)
      running--
      return true
    }
    const started = clock.monotonicMs()
    const passed = await read(clock, filterNodes(source(clock, 1, 0, 64).provider, slow, { clock }), 64)
    expect([passed.length, most, clock.monotonicMs() - started]).toEqual([64, 16, 4_000])
  })

  test('refuses where the check throws, rejects, or does not answer in time', async () => {
    const clock = createVirtualClock()
    const check = (found: NodeAddress): boolean | Promise<boolean> => {
      switch (numberOf(found)) {
        case 1:
          throw new Error('oops')
        case 2:
          return Promise.reject(new Error('oops'))
        case 3:
          return new Promise(() => undefined)
        default:
          return true
      }
    }
    const passed = await read(clock, filterNodes(source(clock, 1, 0, 4).provider, check, { clock }), 100)
    expect(passed.map(([n]) => n)).toEqual([4])
    expect(clock.timers).toBe(0)
  })

  test('leaves its source, and tells its checks, when its reader leaves', async () => {
    const clock = createVirtualClock()
    const { provider, state } = source(clock, 1, 0)
    const signals: AbortSignal[] = []
    const never = (_: NodeAddress, { signal }: { signal: AbortSignal }): Promise<boolean> => {
      signals.push(signal)
      return new Promise(() => undefined)
    }
    const iterator = filterNodes(provider, never, { clock }).nodes()[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await clock.settle()
    await iterator.return?.()
    expect((await waiting).done).toBe(true)
    await clock.settle()
    expect(state.left).toBe(true)
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array.from({ length: 16 }, () => true))
    expect(clock.timers).toBe(0)
  })

  test('keeps what else the source offers', async () => {
    const clock = createVirtualClock()
    class Walk implements NodeProvider {
      readonly name = 'walk'
      readonly #known = node(1, '8.8.8.8')
      async *nodes() {
        yield this.#known
      }
      readRandomNodes() {
        return [this.#known]
      }
      async resolve() {
        return this.#known
      }
      async lookup() {
        return [this.#known]
      }
    }
    const wrapped = bufferNodes(
      filterNodes(new Walk(), () => true, { clock }),
      { clock },
    )
    expect(wrapped.name).toBe('walk')
    expect(wrapped.readRandomNodes?.(1)[0]?.nodeIdHex).toBe(id(1))
    expect((await wrapped.resolve?.(node(1)))?.host).toBe('8.8.8.8')
    expect(await wrapped.lookup?.(new Uint8Array(64))).toHaveLength(1)
    expect((await read(clock, wrapped, 2)).map(([n]) => n)).toEqual([1])
  })

  test('holds to its check what lookups find, and random nodes as far as it answers at once', async () => {
    const clock = createVirtualClock()
    const found = Array.from({ length: 8 }, (_, index) => node(index, '8.8.8.8'))
    const refused: number[] = []
    const table: NodeProvider = {
      ...{ nodes: async function* () {}, readRandomNodes: () => found, lookup: async () => found },
      resolve: async (asked) => asked,
    }
    const isOdd = (address: NodeAddress): boolean | Promise<boolean> => {
      const n = numberOf(address)
      if (n === 0) throw new Error('a bad node')
      if (n === 1) return Promise.reject(new Error('another'))
      return n < 4 ? Promise.resolve(n % 2 === 1) : n % 2 === 1
    }
    const odd = filterNodes(table, isOdd, { clock, onRefused: (address) => refused.push(numberOf(address)) })
    expect(odd.readRandomNodes?.(8).map(numberOf)).toEqual([5, 7])
    expect(refused.splice(0)).toEqual([0, 1, 2, 3, 4, 6])
    const passed = await clock.runUntil(odd.lookup?.(new Uint8Array(64)) ?? Promise.resolve([]))
    expect(passed.map(numberOf).sort()).toEqual([3, 5, 7])
    expect(refused.sort()).toEqual([0, 1, 2, 4, 6])
    expect((await odd.resolve?.(node(2)))?.nodeIdHex).toBe(id(2))
  })

  test('has what lookups find tell its records first, some at a time, where the source can ask', async () => {
    const clock = createVirtualClock()
    const asked: number[] = []
    let asking = 0
    let most = 0
    const recordOf = (address: NodeAddress): NodeRecord =>
      ({ nodeIdHex: address.nodeIdHex, text: `enr:${numberOf(address)}` }) as NodeRecord
    const table: NodeProvider = {
      nodes: async function* () {},
      readRandomNodes: () => [node(1, FAR)],
      lookup: async () => nodes(1, 1_000),
      async requestEnr(address) {
        asked.push(numberOf(address))
        most = Math.max(most, ++asking)
        await sleep(clock, 100)
        asking--
        if (numberOf(address) === 1) throw new Error('it does not answer')
        return recordOf(numberOf(address) === 2 ? node(3) : address)
      },
    }
    const told = filterNodes(table, ({ record }) => record !== undefined, { clock, parallel: 4 })
    const passed = (await clock.runUntil(told.lookup?.(new Uint8Array(64)) ?? Promise.resolve([]))) ?? []
    // One does not answer, one tells the record of another.
    expect(passed.map(numberOf)).toEqual(Array.from({ length: 62 }, (_, index) => index + 3))
    expect(passed[0]).toMatchObject({ host: FAR, record: { nodeIdHex: id(3) }, enr: 'enr:3' })
    expect([asked.length, most]).toEqual([64, 4])
    expect(told.readRandomNodes?.(1)).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('waits 15 s for the records of a lookup, however many nodes never tell theirs', async () => {
    const clock = createVirtualClock()
    const table: NodeProvider = {
      nodes: async function* () {},
      lookup: async () => nodes(1, 40),
      requestEnr: (address) =>
        numberOf(address) <= 3
          ? Promise.resolve({ nodeIdHex: address.nodeIdHex } as NodeRecord)
          : new Promise(() => undefined),
    }
    const told = filterNodes(table, ({ record }) => record !== undefined, { clock })
    const startMs = clock.monotonicMs()
    const passed = (await clock.runUntil(told.lookup?.(new Uint8Array(64)) ?? Promise.resolve([]))) ?? []
    expect(passed.map(numberOf)).toEqual([1, 2, 3])
    expect(clock.monotonicMs() - startMs).toBe(15_000)
    expect(clock.timers).toBe(0)
  })

  test('wants a number of checks that can be', () => {
    const clock = createVirtualClock()
    expect(() => filterNodes(source(clock, 1, 0).provider, () => true, { clock, parallel: 0 })).toThrow(RangeError)
    expect(() => bufferNodes(source(clock, 1, 0).provider, { clock, size: 0.5 })).toThrow(RangeError)
  })
})

describe('a buffer', () => {
  test('reads 32 nodes ahead, and no more', async () => {
    const clock = createVirtualClock()
    const { provider, state } = source(clock, 1, 10)
    const iterator = bufferNodes(provider, { clock }).nodes()[Symbol.asyncIterator]()
    await clock.runUntil(iterator.next())
    await clock.advance(60_000)
    // One was taken, 32 wait, one is in hand.
    expect(state.given).toBe(34)
    await iterator.return?.()
    await clock.settle()
    expect(state.left).toBe(true)
    expect(clock.timers).toBe(0)
  })
})
