import { createVirtualClock } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { createIngressBudget } from '../src/ingress-budget.ts'
import { createTurnstile } from '../src/turnstile.ts'

const MiB = 1024 * 1024

test('case 26: when too much waits, who has held the most for the longest is ended, and only that one', async () => {
  const clock = createVirtualClock()
  const budget = createIngressBudget(clock, 10 * MiB)
  const ended: string[] = []
  const share = (name: string) => budget.share(() => ended.push(name))
  const [stalled, honest, small] = [share('stalled'), share('honest'), share('small')]
  small.hold(small, 200 * 1024)
  stalled.hold(stalled, 4 * MiB)
  await clock.advance(10_000)
  honest.hold(honest, 5 * MiB)
  await clock.advance(100)
  expect(ended).toEqual([])
  honest.hold(honest, 6 * MiB)
  expect(ended).toEqual(['stalled'])
  // It counts no longer, whatever still comes of it.
  stalled.hold(stalled, 9 * MiB)
  honest.hold(honest, 9 * MiB)
  expect(ended).toEqual(['stalled'])
})

test('what is read, and what a peer held that is gone, makes room', () => {
  const budget = createIngressBudget(createVirtualClock(), 10 * MiB)
  const ended: number[] = []
  for (let index = 0; index < 20; index++) {
    const share = budget.share(() => ended.push(index))
    const [frames, inbox] = [{}, {}]
    share.hold(frames, 6 * MiB)
    share.hold(inbox, 3 * MiB)
    share.hold(frames, 0)
    share.hold(inbox, 9 * MiB)
    share.close()
    share.close()
  }
  expect(ended).toEqual([])
})

test('what comes in at once is read in turns, a few milliseconds of work in each, in the order in which it came', async () => {
  const clock = createVirtualClock()
  const turnstile = createTurnstile(clock)
  const passed: number[] = []
  const read = async (index: number): Promise<void> => {
    await turnstile.turn()
    passed.push(index)
    turnstile.pass(MiB)
  }
  // Each comes with bytes of its own connection.
  await read(0)
  const all = [1, 2, 3].map((index) => read(index))
  await clock.settle()
  expect(passed).toEqual([0])
  await clock.runUntilIdle()
  await Promise.all(all)
  expect(passed).toEqual([0, 1, 2, 3])
  expect(turnstile.turn()).toBeUndefined()
  let small = 0
  for (; turnstile.turn() === undefined; small++) turnstile.pass(1)
  expect(small).toBeGreaterThan(100)
  expect(small).toBeLessThan(1000)
})
