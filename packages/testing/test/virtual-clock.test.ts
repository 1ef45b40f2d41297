import { sleep } from '@ethwire/io'
import { describe, expect, it } from 'vitest'
import { createSeededRandom, createStreamPair, createVirtualClock } from '../src/index.ts'

describe('virtual clock', () => {
  it('runs timers in the order of their time, each at its own time, then stands at the end', async () => {
    const clock = createVirtualClock({ startMs: 1000 })
    const seen: [string, number][] = []
    for (const [name, delay] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
    ] as const) {
      clock.setTimer(delay, () => seen.push([name, clock.now()]))
    }
    await clock.advance(25)
    expect(seen).toEqual([
      ['a', 1010],
      ['b1', 1020],
      ['b2', 1020],
    ])
    expect([clock.now(), clock.monotonicMs(), clock.timers]).toEqual([1025, 25, 1])
    await clock.advance(5)
    expect(seen).toHaveLength(4)
  })

  it('lets what a timer sets off settle before the next timer runs', async () => {
    const clock = createVirtualClock()
    const seen: number[] = []
    const { first, second } = createStreamPair({ segmentBytes: 1 })
    clock.setTimer(1, () => void first.write(new Uint8Array(50)).then(() => first.end()))
    clock.setTimer(2, () => seen.push(-1))
    const reading = (async () => {
      for await (const _ of second) seen.push(clock.monotonicMs())
    })()
    await clock.advance(2)
    await reading
    expect(seen).toEqual([...new Array(50).fill(1), -1])
  })

  it('runs the timers that timers set', async () => {
    const clock = createVirtualClock()
    let ticks = 0
    const tick = (): void => {
      ticks++
      if (ticks < 1000) clock.setTimer(60_000, tick)
    }
    clock.setTimer(0, tick)
    await clock.runUntilIdle()
    expect([ticks, clock.monotonicMs()]).toEqual([1000, 999 * 60_000])
  })

  it('runs until some work is done, and says so when nothing can finish it', async () => {
    const clock = createVirtualClock()
    expect(await clock.runUntil(sleep(clock, 5000).then(() => 'done'))).toBe('done')
    expect(clock.monotonicMs()).toBe(5000)
    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toThrow('no timer is left')
  })

  it('never runs a cancelled timer', async () => {
    const clock = createVirtualClock()
    let ran = 0
    const timers = Array.from({ length: 100 }, (_, index) => clock.setTimer((index * 37) % 50, () => ran++))
    timers.forEach((timer, index) => {
      if (index % 3 !== 0) timer.cancel()
    })
    await clock.runUntilIdle()
    expect([ran, clock.timers]).toEqual([34, 0])
  })

  it('steps the wall clock without moving time', async () => {
    const clock = createVirtualClock({ startMs: 0 })
    clock.stepWallClock(-10)
    expect([clock.now(), clock.monotonicMs()]).toEqual([-10, 0])
  })
})

describe('seeded random', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const bytes = (seed: number): string => Buffer.from(createSeededRandom(seed).bytes(32)).toString('hex')
    expect(bytes(42)).toBe(bytes(42))
    expect(new Set([0, 1, -1, 42, 2 ** 40, 2 ** 40 + 1].map(bytes)).size).toBe(6)
  })
})
