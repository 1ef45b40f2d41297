import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { Deadlines } from '../src/deadlines.ts'

describe('deadlines', () => {
  it('come in the order of their times, on one timer', async () => {
    const clock = createVirtualClock()
    const deadlines = new Deadlines(clock)
    const came: number[] = []
    for (const atMs of [30, 10, 20, 10, 40]) deadlines.at(atMs, () => came.push(atMs))
    deadlines.at(15, () => came.push(15)).isOver = true
    expect(clock.timers).toBe(1)
    await clock.advance(25)
    expect(came).toEqual([10, 10, 20])
    deadlines.at(26, () => came.push(26))
    await clock.advance(100)
    expect(came).toEqual([10, 10, 20, 26, 30, 40])
    expect(clock.timers).toBe(0)
  })

  it('that set new ones are heard in time', async () => {
    const clock = createVirtualClock()
    const deadlines = new Deadlines(clock)
    const came: number[] = []
    deadlines.at(10, () => {
      deadlines.at(12, () => came.push(clock.monotonicMs()))
      deadlines.at(10, () => came.push(clock.monotonicMs()))
    })
    deadlines.at(1000, () => came.push(clock.monotonicMs()))
    await clock.advance(2000)
    expect(came).toEqual([10, 12, 1000])
  })

  it('are given the time once more that the process stood still', async () => {
    const virtual = createVirtualClock()
    let stoodMs = 0
    const clock = { ...virtual, monotonicMs: () => virtual.monotonicMs() + stoodMs }
    const deadlines = new Deadlines(clock)
    const came: number[] = []
    deadlines.at(500, () => came.push(clock.monotonicMs()))
    stoodMs = 700
    await virtual.advance(500)
    expect(came).toEqual([])
    await virtual.advance(1000)
    expect(came).toEqual([1700])
  })

  it('that are over when they are added come at once, and hold up no others', async () => {
    const clock = createVirtualClock()
    await clock.advance(10_000)
    const deadlines = new Deadlines(clock)
    const came: number[] = []
    deadlines.at(10_100, () => came.push(clock.monotonicMs()))
    void deadlines.wait(-3_000).then(() => came.push(clock.monotonicMs()))
    void deadlines.wait(Number.NEGATIVE_INFINITY).then(() => came.push(clock.monotonicMs()))
    await clock.advance(1000)
    expect(came).toEqual([10_000, 10_000, 10_100])
  })

  it('never come early, by a fraction of a millisecond neither', async () => {
    const clock = createVirtualClock()
    const deadlines = new Deadlines(clock)
    const came: number[] = []
    for (const atMs of [10, 10.3]) deadlines.at(atMs, () => came.push(clock.monotonicMs()))
    await clock.advance(100)
    expect(came).toEqual([10, 10.3])
  })

  it('end waiting when they are closed', async () => {
    const clock = createVirtualClock()
    const deadlines = new Deadlines(clock)
    const waiting = deadlines.wait(1000)
    deadlines.at(10, () => expect.fail('called'))
    deadlines.close()
    await waiting
    await deadlines.wait(1000)
    deadlines.at(10, () => expect.fail('called'))
    expect(clock.timers).toBe(0)
  })
})
