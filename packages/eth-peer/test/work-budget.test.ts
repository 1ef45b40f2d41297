import { createVirtualClock } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { createWorkBudget } from '../src/work-budget.ts'

test("a second's worth is free at once, and then as much as the rate allows", async () => {
  const clock = createVirtualClock()
  const budget = createWorkBudget(clock, 1_000_000)
  expect(budget.balance()).toBe(1_000_000)
  budget.charge(900_000)
  expect(budget.waitMs(0)).toBe(0)
  budget.charge(2_000_000)
  expect(budget.waitMs(0)).toBeGreaterThan(1_900)
  await clock.advance(1_900)
  expect(budget.waitMs(0)).toBeGreaterThan(0)
  await clock.advance(100)
  expect(budget.waitMs(0)).toBe(0)
  await clock.advance(3_600_000)
  expect(budget.balance()).toBe(1_000_000)
})

test('requests that are answered with nothing cost too', () => {
  const budget = createWorkBudget(createVirtualClock(), 1_000_000)
  let free = 0
  for (; budget.waitMs(0) === 0; free++) budget.charge(0)
  expect(free).toBeLessThan(70)
})
