import type { Logger, Metrics } from '@ethwire/io'
import { silentLogger } from '@ethwire/io'
import { createMemoryDatagramNetwork, createSeededRandom, createVirtualClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { createDriftCheck, type DriftCheck, type DriftCheckOptions, measureDrift } from '../src/index.ts'
import { resolverTo, startTimeServer, timeServerName } from './time-server.ts'

const minute = 60_000

/** A check whose clock is virtual, with what it has said and counted. */
function createWorld(options: Partial<DriftCheckOptions> & { driftMs?: number } = {}) {
  const { driftMs = 0, ...rest } = options
  const clock = createVirtualClock()
  const warnings: string[] = []
  const counts: Record<string, number> = {}
  let measured = 0
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => void warnings.push(message) }
  const metrics: Metrics = {
    counter: (name) => ({
      add: (amount = 1) => {
        counts[name] = (counts[name] ?? 0) + amount
      },
    }),
    gauge: (name) => ({
      set: (value) => {
        counts[name] = value
      },
    }),
    histogram: () => ({ observe: () => undefined }),
  }
  const check = createDriftCheck({
    measure: async () => {
      measured++
      return driftMs
    },
    clock,
    logger,
    metrics,
    ...rest,
  })
  return { clock, check, warnings, counts, measured: () => measured }
}

const timeOut = (check: DriftCheck, times: number): void => {
  for (let n = 0; n < times; n++) check.timedOut()
}

describe('the drift check', () => {
  it('suspects the clock after more than 32 timeouts in a row', async () => {
    const { clock, check, measured } = createWorld()
    timeOut(check, 32)
    check.answered()
    timeOut(check, 32)
    await clock.settle()
    expect([measured(), check.state]).toEqual([0, { kind: 'unknown' }])
    timeOut(check, 1)
    expect(check.state).toEqual({ kind: 'measuring' })
    await clock.settle()
    expect([measured(), check.state]).toEqual([1, { kind: 'measured', driftMs: 0, isOff: false }])
  })

  it('measures once in ten minutes at most, however many timeouts there are', async () => {
    const { clock, check, measured, counts } = createWorld()
    for (let elapsedMs = 0; elapsedMs <= 60 * minute; elapsedMs += 1000) {
      timeOut(check, 10)
      await clock.advance(1000)
    }
    expect(measured()).toBe(6)
    expect(counts['ntp/checks']).toBe(6)
  })

  it('measures once at a time', async () => {
    const { clock, check } = createWorld({ measure: () => new Promise(() => undefined), minIntervalMs: 0 })
    check.suspect()
    check.suspect()
    await clock.advance(minute)
    expect(check.state).toEqual({ kind: 'measuring' })
  })

  it.each([
    [10_000, false],
    [-10_000, false],
    [10_001, true],
    [-10_001, true],
    [0, false],
  ])('of a drift of %i ms: is it a reason to warn? %s', async (driftMs, isOff) => {
    const { clock, check, warnings, counts } = createWorld({ driftMs })
    check.suspect()
    await clock.settle()
    expect(check.state).toEqual({ kind: 'measured', driftMs, isOff })
    expect(warnings).toHaveLength(isOff ? 1 : 0)
    expect(counts).toEqual({ 'ntp/drift': driftMs, 'ntp/checks': 1, ...(isOff ? { 'ntp/warnings': 1 } : {}) })
  })

  it('says which way the clock is off', async () => {
    for (const [driftMs, words] of [
      [61_400, 'The system clock is 61 s ahead'],
      [-86_400_000, 'The system clock is 86400 s behind'],
    ] as const) {
      const { clock, check, warnings } = createWorld({ driftMs })
      check.suspect()
      await clock.settle()
      expect(warnings[0]).toContain(words)
    }
  })

  it('keeps a failure to itself, and tries again ten minutes later', async () => {
    let calls = 0
    const { clock, check, warnings, counts } = createWorld({
      measure: async () => {
        calls++
        throw new Error('no time')
      },
    })
    check.suspect()
    await clock.settle()
    expect(check.state).toMatchObject({ kind: 'failed', error: new Error('no time') })
    await clock.advance(10 * minute - 1)
    check.suspect()
    expect(calls).toBe(1)
    await clock.advance(1)
    check.suspect()
    await clock.settle()
    expect([calls, warnings.length, counts['ntp/failures']]).toEqual([2, 0, 2])
  })

  it('closes at once, twice if need be, and measures no more', async () => {
    let aborted = false
    const { clock, check, counts } = createWorld({
      measure: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true
            reject(signal.reason)
          })
        }),
    })
    check.suspect()
    await check.close()
    await check.close()
    expect(aborted).toBe(true)
    timeOut(check, 100)
    await clock.settle()
    expect(counts).toEqual({ 'ntp/checks': 1 })
  })
})

describe('a clock that is off', () => {
  it.each([60_000, -60_000, 86_400_000, -86_400_000])(
    'case 67: by %i ms: one warning, and no timer runs sooner or later for it',
    async (driftMs) => {
      const { clock, check, warnings, fired } = await createNode()
      clock.stepWallClock(driftMs)
      timeOut(check, 33)
      await clock.advance(minute)
      expect(check.state).toMatchObject({ kind: 'measured', isOff: true })
      expect(warnings).toHaveLength(1)
      expect(fired).toEqual([1000, 30_000, 60_000])
      await check.close()
      expect(clock.timers).toBe(0)
    },
  )

  it('case 67: set back while the node runs: a warning, ten minutes after the last check', async () => {
    const { clock, check, warnings, fired } = await createNode()
    timeOut(check, 33)
    await clock.advance(minute)
    expect([check.state, warnings]).toEqual([expect.objectContaining({ isOff: false }), []])
    clock.stepWallClock(-3_600_000)
    timeOut(check, 33)
    await clock.advance(9 * minute - 1)
    expect(warnings).toHaveLength(0)
    await clock.advance(1)
    timeOut(check, 33)
    await clock.advance(minute)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('3600 s behind')
    expect(fired).toEqual([1000, 30_000, 60_000])
    await check.close()
  })

  /** A node that asks a true time server over a network with latency, and timers that note when they ran. */
  async function createNode() {
    const fired: number[] = []
    const world = createWorld({
      measure: ({ signal }) =>
        measureDrift({
          host: timeServerName,
          bind: network.host('10.0.0.2').bind,
          resolver: resolverTo('10.0.0.1'),
          clock: world.clock,
          random: createSeededRandom(1),
          signal,
        }),
    })
    const { clock } = world
    const startMs = clock.now()
    const network = createMemoryDatagramNetwork({ clock, latencyMs: [20, 120] })
    await startTimeServer({
      bind: network.host('10.0.0.1').bind,
      ip: '10.0.0.1',
      port: 123,
      trueMs: () => startMs + clock.monotonicMs(),
    })
    for (const delayMs of [1000, 30_000, 60_000]) {
      clock.setTimer(delayMs, () => fired.push(clock.monotonicMs()))
    }
    return { ...world, fired }
  }
})
