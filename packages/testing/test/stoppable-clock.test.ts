import { describe, expect, test } from 'vitest'
import { createStoppableClock, createVirtualClock } from '../src/index.ts'

describe('a process that is stopped', () => {
  test('runs its timers late, in order, and all at once', async () => {
    const world = createVirtualClock()
    const clock = createStoppableClock(world)
    const ran: [name: string, atMs: number][] = []
    const timer = (name: string, delayMs: number) =>
      clock.setTimer(delayMs, () => void ran.push([name, clock.monotonicMs()]))
    timer('early', 500)
    timer('second', 2_000)
    timer('first', 1_500)
    timer('last', 20_000)
    await world.advance(1_000)
    clock.stop()
    await world.advance(9_000)
    expect(ran).toEqual([['early', 500]])
    clock.resume()
    await world.advance(60_000)
    expect(ran.slice(1)).toEqual([
      ['first', 10_000],
      ['second', 10_000],
      ['last', 20_000],
    ])
    expect(clock.now()).toBe(world.now())
    expect(world.timers).toBe(0)
  })

  test('does not run a timer that is cancelled, before it is due, while it is late, or by another late one', async () => {
    const world = createVirtualClock()
    const clock = createStoppableClock(world)
    const ran: string[] = []
    const early = clock.setTimer(3_000, () => ran.push('early'))
    const late = clock.setTimer(1_000, () => ran.push('late'))
    clock.setTimer(1_500, () => byAnother.cancel())
    const byAnother = clock.setTimer(1_600, () => ran.push('by another'))
    clock.stop()
    early.cancel()
    await world.advance(2_000)
    late.cancel()
    clock.resume()
    clock.resume()
    await world.advance(10_000)
    expect(ran).toEqual([])
  })
})
