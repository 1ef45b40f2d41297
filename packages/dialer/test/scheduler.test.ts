import type { NodeAddress } from '@ethwire/enr'
import { silentLogger } from '@ethwire/io'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createDialScheduler, type NetRestrict } from '../src/index.ts'
import { createRig, FAR, id, keepingLogger, node } from './support.ts'

const onlyTen: NetRestrict = { contains: (ip) => (typeof ip === 'string' ? ip : ip.text).startsWith('10.') }

describe('each refusal has a name', () => {
  test('for candidates', async () => {
    const { clock, scheduler, found, takeRefusals, end } = createRig({ self: id(1), netRestrict: onlyTen })
    scheduler.peerAdded({ nodeIdHex: id(5), dialed: false })
    scheduler.inboundPending(id(6))
    const at = (n: number): NodeAddress => node(n, '10.0.0.1')
    for (const n of [at(1), node(2), node(3, '10.0.0.3', 0), at(4), at(4), at(5), at(6), node(7, FAR)]) found.push(n)
    await clock.settle()
    expect(takeRefusals()).toEqual([
      '1 self',
      '2 no-address',
      '3 no-port',
      '4 dialing',
      '5 connected',
      '6 pending-inbound',
      '7 netrestrict',
    ])
    end(4, 'failed')
    found.push(at(4))
    scheduler.refused(at(8), 'filtered')
    await clock.settle()
    expect(takeRefusals()).toEqual(['8 filtered', '4 recent'])
    expect(scheduler.state().refused).toEqual({
      ...{ self: 1, 'no-address': 1, 'no-port': 1, dialing: 1, connected: 1, 'pending-inbound': 1 },
      ...{ netrestrict: 1, recent: 1, banned: 0, filtered: 1, unresolved: 0 },
    })
  })

  test('for static nodes, told at once where it does not pass by itself', async () => {
    const { clock, scheduler, takeRefusals } = createRig({ self: id(1), netRestrict: onlyTen })
    expect(scheduler.addStatic(node(1, '10.0.0.1'))).toBe('self')
    expect(scheduler.addStatic(node(2, '10.0.0.2', 0))).toBe('no-port')
    expect(scheduler.addStatic(node(3, FAR))).toBe('netrestrict')
    expect(scheduler.addStatic(node(4))).toBeUndefined()
    expect(scheduler.addStatic(node(5, 'a.name.example'))).toBeUndefined()
    await clock.settle()
    expect(takeRefusals()).toEqual(['1 self', '2 no-port', '3 netrestrict', '4 unresolved'])
    expect(scheduler.state().staticNodes.map(({ state }) => state)).toEqual([
      ...['self', 'no-port', 'netrestrict', 'recent', 'dialing'],
    ])
  })

  test('case 57: also where discovery says that a static node has moved out of netrestrict', async () => {
    const { clock, scheduler, answers, takeRefusals, takeDials, end } = createRig({ netRestrict: onlyTen })
    answers.set(id(1), node(1, FAR))
    scheduler.addStatic(node(1, '10.0.0.1'))
    await clock.settle()
    end(1, 'unreachable')
    await clock.settle()
    expect(takeRefusals()).toEqual(['1 netrestrict'])
    await clock.advance(5_000)
    expect(takeDials()).toEqual(['1@10.0.0.1', '1@10.0.0.1'])
  })

  test('and can be asked for, node by node', async () => {
    const { clock, scheduler, found, end } = createRig({ self: id(1) })
    scheduler.inboundPending(id(2))
    scheduler.peerAdded({ nodeIdHex: id(3), dialed: false })
    found.push(node(4, FAR))
    found.push(node(5, FAR))
    await clock.settle()
    end(5, 'unreachable')
    await clock.settle()
    const states = [1, 2, 3, 4, 5, 6].map((n) => scheduler.explain(id(n)).state)
    expect(states).toEqual(['self', 'pending-inbound', 'connected', 'dialing', 'recent', 'ready'])
    expect(scheduler.explain(id(5))).toEqual({ state: 'recent', failures: 1, retryInMs: 35_000 })
    scheduler.inboundPending(id(2))
    scheduler.inboundDone(id(2))
    expect(scheduler.explain(id(2)).state).toBe('pending-inbound')
    scheduler.inboundDone(id(2))
    expect(scheduler.explain(id(2)).state).toBe('ready')
  })
})

describe('dials', () => {
  test('case 58: that hang are given up after a minute', async () => {
    const { clock, scheduler, found, takeDials } = createRig({ maxDialed: 1, maxActiveDials: 1 })
    found.push(node(1, FAR))
    found.push(node(2, FAR))
    await clock.advance(59_000)
    expect(takeDials()).toEqual([`1@${FAR}`])
    await clock.advance(1_000)
    expect(takeDials()).toEqual([`2@${FAR}`])
    expect(scheduler.explain(id(1)).failures).toBe(1)
  })

  test('to nodes that never were peers are resumed when the network is there again', async () => {
    const { clock, scheduler, found, takeDials, end } = createRig()
    for (let i = 0; i < 8; i++) {
      found.push(node(1, FAR))
      await clock.settle()
      end(1, 'unreachable')
      await clock.settle()
      await clock.advance(scheduler.explain(id(1)).retryInMs)
    }
    found.push(node(1, FAR))
    await clock.settle()
    end(1, 'unreachable')
    await clock.settle()
    takeDials()
    expect(scheduler.explain(id(1)).retryInMs).toBe(600_000)
    scheduler.peerAdded({ nodeIdHex: id(2), dialed: false })
    await clock.advance(35_000)
    expect(scheduler.explain(id(1))).toEqual({ state: 'ready', failures: 0, retryInMs: 0 })
  })

  test('that fail in an unforeseen way are logged, and cost only themselves', async () => {
    const { logger, lines } = keepingLogger()
    const clock = createVirtualClock()
    const scheduler = createDialScheduler({
      ...{ clock, random: { bytes: (n) => new Uint8Array(n) }, self: id(0), maxDialed: 5, logger },
      dial: (address) => {
        if (address.nodeIdHex === id(1)) throw new Error('thrown')
        return Promise.reject(new Error('rejected'))
      },
    })
    scheduler.addStatic(node(1, FAR))
    scheduler.addStatic(node(2, FAR))
    await clock.settle()
    expect(lines).toEqual(['A dial failed in an unforeseen way', 'A dial failed in an unforeseen way'])
    expect(scheduler.state()).toMatchObject({ dialing: [], freeSlots: 10 })
    await clock.runUntil(scheduler.close())
    expect(clock.timers).toBe(0)
  })

  test('end with the scheduler, and none begins after', async () => {
    const signals: AbortSignal[] = []
    const clock = createVirtualClock()
    const scheduler = createDialScheduler({
      ...{ clock, random: { bytes: (n) => new Uint8Array(n) }, self: id(0), maxDialed: 5 },
      dial: (_, { signal }) => {
        signals.push(signal)
        return new Promise(() => undefined)
      },
    })
    scheduler.addStatic(node(1, FAR))
    const closed = scheduler.close()
    expect(scheduler.close()).toBe(closed)
    await closed
    scheduler.addStatic(node(2, FAR))
    scheduler.peerAdded({ nodeIdHex: id(3), dialed: true })
    expect(clock.timers).toBe(0)
    scheduler.peerRemoved({ nodeIdHex: id(3), dialed: true })
    await clock.advance(120_000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(clock.timers).toBe(0)
  })

  test('of a static node end when it is removed', async () => {
    const { clock, scheduler, active } = createRig()
    scheduler.addStatic(node(1, FAR))
    await clock.settle()
    expect(scheduler.isStatic(id(1))).toBe(true)
    expect(scheduler.removeStatic(id(1))).toBe(true)
    expect(scheduler.removeStatic(id(1))).toBe(false)
    await clock.settle()
    expect([active, scheduler.state().dialing]).toEqual([0, []])
  })

  test('of local static nodes are repeated sooner, later each time, and by chance', async () => {
    const { clock, scheduler, takeDials, end } = createRig({ redialJitter: 0.5 })
    scheduler.addStatic(node(1, '127.0.0.1'))
    const gapsMs: number[] = []
    let sinceMs = clock.monotonicMs()
    await clock.settle()
    for (let i = 0; i < 8; i++) {
      takeDials()
      end(1, 'unreachable')
      await clock.settle()
      while (takeDials().length === 0) await clock.advance(100)
      gapsMs.push(clock.monotonicMs() - sinceMs)
      sinceMs = clock.monotonicMs()
    }
    const bases = [2, 4, 8, 16, 32, 35, 35, 35].map((seconds) => seconds * 1_000)
    gapsMs.forEach((gap, index) => {
      expect(gap).toBeGreaterThanOrEqual(bases[index] as number)
      expect(gap).toBeLessThanOrEqual((bases[index] as number) * 1.5 + 100)
    })
  })

  test('case 24: of public static nodes are repeated at other times by two nodes that clashed', async () => {
    const waits = [1, 2, 3, 4, 5, 6].map((seed) => {
      const { scheduler } = createRig({
        redialJitter: 0.5,
        random: { bytes: (n) => new Uint8Array(n).fill(seed * 40) },
      })
      scheduler.addStatic(node(1, FAR))
      return scheduler.explain(id(1)).retryInMs
    })
    expect(new Set(waits).size).toBe(6)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(35_000)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(5_000)
  })
})

describe('the log', () => {
  test('says every 10 s that peers are looked for while there are fewer than three, whether any is found or not', async () => {
    const lines: unknown[] = []
    const info = (fields: unknown, message: string): void => void lines.push([message, fields])
    const { clock, scheduler, found, end } = createRig({ logger: { ...silentLogger, info } })
    await clock.advance(10_000)
    for (let n = 1; n <= 15; n++) {
      found.push(node(n, FAR))
      await clock.settle()
      end(n, 'unreachable')
      await clock.advance(1_000)
    }
    scheduler.addStatic(node(99, FAR))
    for (let n = 101; n <= 102; n++) scheduler.peerAdded({ nodeIdHex: id(n), dialed: true })
    await clock.advance(5_000)
    const line = (fields: unknown): unknown => ['Looking for peers', fields]
    expect(lines).toEqual([
      line({ peercount: 0, tried: 0, static: 0 }),
      line({ peercount: 0, tried: 10, static: 0 }),
      line({ peercount: 2, tried: 5, static: 1 }),
    ])
    scheduler.peerAdded({ nodeIdHex: id(103), dialed: true })
    await clock.advance(60_000)
    expect(lines).toHaveLength(3)
    scheduler.peerRemoved({ nodeIdHex: id(103), dialed: true })
    await clock.advance(10_000)
    expect(lines).toHaveLength(4)
  })

  test('says nothing of it where nobody is to be dialled', async () => {
    const { logger, lines } = keepingLogger()
    const { clock } = createRig({ logger, maxDialed: 0 })
    await clock.advance(60_000)
    expect(lines).toEqual([])
  })
})

test('options that cannot be are refused', () => {
  const clock = createVirtualClock()
  const base = { clock, random: { bytes: (n: number) => new Uint8Array(n) }, self: id(0), maxDialed: 5 }
  const dial = async (): Promise<'failed'> => 'failed'
  for (const wrong of [{ maxDialed: -1 }, { maxActiveDials: 1.5 }, { dialsPerSecond: 0 }, { redialJitter: -1 }]) {
    expect(() => createDialScheduler({ ...base, dial, ...wrong })).toThrow(RangeError)
  }
})
