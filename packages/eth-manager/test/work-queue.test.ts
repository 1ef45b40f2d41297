import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createWorkQueue } from '../src/work-queue.ts'

describe('work that is heavy', () => {
  test('is done one after the other, and pauses when a slice of time is used up', async () => {
    const clock = createVirtualClock()
    let ms = 0
    let pauses = 0
    const slow = {
      ...clock,
      monotonicMs: () => ms,
      setTimer(delayMs: number, callback: () => void) {
        pauses++
        return clock.setTimer(delayMs, callback)
      },
    }
    const queue = createWorkQueue(slow, new AbortController().signal)
    const steps: string[] = []
    const work = (name: string): Promise<void> =>
      queue.run(async (breathe) => {
        for (let index = 0; index < 10; index++) {
          await breathe()
          steps.push(name)
          ms += 4
        }
      })
    await clock.runUntil(Promise.all([work('a'), work('b')]))
    expect(steps.join('')).toBe('aaaaaaaaaabbbbbbbbbb')
    expect(pauses).toBe(10)
  })

  test('goes on after a piece that failed, and does not wait when it is aborted', async () => {
    const clock = createVirtualClock()
    const abort = new AbortController()
    const queue = createWorkQueue(clock, abort.signal)
    await expect(
      clock.runUntil(
        queue.run(() => {
          throw new Error('wrong')
        }),
      ),
    ).rejects.toThrow('wrong')
    abort.abort(new Error('closed'))
    await clock.advance(1_000)
    await queue.run((breathe) => breathe())
    expect(clock.timers).toBe(0)
  })
})
