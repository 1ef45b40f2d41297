import { sleep } from '@ethwire/io'
import { describe, expect, it } from 'vitest'
import { createSeededRandom, createSimulationClock, createVirtualClock, type VirtualClock } from '../src/index.ts'

const hourMs = 60 * 60 * 1000

describe('simulation clock', () => {
  it('runs timers in the order of their time, in whole milliseconds, then stands at the end', async () => {
    const clock = createSimulationClock({ startMs: 1000 })
    const seen: [string, number][] = []
    for (const [name, delay] of [
      ['c', 30],
      ['a', 9.2],
      ['b1', 20],
      ['b2', 19.5],
      ['now', 0],
      ['past', -5],
    ] as const) {
      clock.setTimer(delay, () => seen.push([name, clock.now()]))
    }
    await clock.advance(25)
    expect(seen).toEqual([
      ['now', 1000],
      ['past', 1000],
      ['a', 1010],
      ['b1', 1020],
      ['b2', 1020],
    ])
    expect([clock.now(), clock.monotonicMs(), clock.timers]).toEqual([1025, 25, 1])
    await clock.advance(5)
    expect(seen).toHaveLength(6)
  })

  it('runs the timers of a millisecond together, then all that they set off, before the next millisecond', async () => {
    const clock = createSimulationClock()
    const seen: string[] = []
    const setOff = async (name: string): Promise<void> => {
      for (let step = 0; step < 50; step++) await undefined
      seen.push(name)
    }
    for (const name of ['a', 'b']) {
      clock.setTimer(1, () => {
        seen.push(name)
        void setOff(`after ${name}`)
        clock.setTimer(0, () => seen.push(`again ${name}`))
      })
    }
    clock.setTimer(2, () => seen.push('next'))
    await clock.advance(2)
    expect(seen).toEqual(['a', 'b', 'after a', 'after b', 'again a', 'again b', 'next'])
  })

  it('agrees with the virtual clock on when timers run, near and far', async () => {
    const random = createSeededRandom(7)
    const delays = Array.from({ length: 1000 }, () => new DataView(random.bytes(4).buffer).getUint32(0) % hourMs)
    const run = async (clock: VirtualClock): Promise<string[]> => {
      const seen: string[] = []
      const note = (what: string): void => void seen.push(`${what} ${clock.monotonicMs()}`)
      for (const delay of [...delays, 65_535, 65_536, 65_537, 131_072]) {
        clock.setTimer(delay, () => {
          note(`set for ${delay}`)
          clock.setTimer(delay, () => note(`set again for ${delay}`))
        })
      }
      await clock.runUntilIdle()
      return seen
    }
    const seen = await run(createSimulationClock())
    expect(seen).toHaveLength(2008)
    expect(seen).toEqual(await run(createVirtualClock()))
  })

  it('keeps the order of setting between timers that were far and timers that were near', async () => {
    const clock = createSimulationClock()
    const seen: string[] = []
    clock.setTimer(100_000, () => seen.push('set first'))
    await clock.advance(60_000)
    clock.setTimer(40_000, () => seen.push('set second'))
    await clock.advance(40_000)
    expect(seen).toEqual(['set first', 'set second'])
  })

  it('never runs a cancelled timer, near or far, nor one that a timer of the same millisecond cancels', async () => {
    const clock = createSimulationClock()
    let ran = 0
    const timers = Array.from({ length: 100 }, (_, index) => clock.setTimer((index * 37) % 50, () => ran++))
    const far = clock.setTimer(hourMs, () => ran++)
    timers.forEach((timer, index) => {
      if (index % 3 !== 0) timer.cancel()
      timer.cancel()
    })
    clock.setTimer(60, () => victim.cancel())
    const victim = clock.setTimer(60, () => ran++)
    far.cancel()
    await clock.advance(hourMs)
    expect([ran, clock.timers]).toEqual([0, 0])
  })

  it('runs until some work is done, and says so when nothing can finish it', async () => {
    const clock = createSimulationClock()
    expect(await clock.runUntil(sleep(clock, 5000).then(() => 'done'))).toBe('done')
    expect(clock.monotonicMs()).toBe(5000)
    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toThrow('no timer is left')
    clock.setTimer(hourMs, () => undefined)
    await expect(clock.runUntil(new Promise(() => undefined), { maxMs: 1000 })).rejects.toThrow('after 1000 ms')
    await expect(clock.runUntilIdle({ maxMs: 1000 })).rejects.toThrow('still running')
    expect(await clock.runUntil(Promise.resolve('at once'))).toBe('at once')
  })

  it('hands on what a timer throws, and keeps the timers behind it', async () => {
    const clock = createSimulationClock()
    const seen: string[] = []
    clock.setTimer(5, () => {
      throw new Error('from a timer')
    })
    clock.setTimer(5, () => seen.push('behind it'))
    await expect(clock.advance(5)).rejects.toThrow('from a timer')
    await clock.advance(0)
    expect(seen).toEqual(['behind it'])
  })

  it('lets work on the event loop have its turn in a long run', async () => {
    const clock = createSimulationClock()
    let turns = 0
    let isOver = false
    const turn = (): void => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    turn()
    const tick = (): void => void clock.setTimer(1, tick)
    tick()
    await clock.advance(20_000)
    isOver = true
    expect(turns).toBeGreaterThan(10)
  })

  it('steps the wall clock without moving time, which moves by whole milliseconds only', async () => {
    const clock = createSimulationClock({ startMs: 0 })
    clock.stepWallClock(-10)
    expect([clock.now(), clock.monotonicMs()]).toEqual([-10, 0])
    await expect(clock.advance(0.5)).rejects.toThrow(RangeError)
    await expect(clock.advance(-1)).rejects.toThrow(RangeError)
    expect(() => clock.setTimer(Number.NaN, () => undefined)).toThrow(RangeError)
  })
})
