import { createRefillingBudget } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../src/index.ts'

describe('a refilling budget', () => {
  test('is full at first, and never more than that', async () => {
    const clock = createVirtualClock()
    const budget = createRefillingBudget({ clock, most: 10, perSecond: 5 })
    expect(budget.balance()).toBe(10)
    await clock.advance(60_000)
    expect(budget.balance()).toBe(10)
    budget.spend(4)
    await clock.advance(200)
    expect(budget.balance()).toBe(7)
  })

  test('may be owed, and says when it will be there again', async () => {
    const clock = createVirtualClock()
    const budget = createRefillingBudget({ clock, most: 10, perSecond: 4 })
    budget.spend(11)
    expect(budget.balance()).toBe(-1)
    expect([budget.waitMs(-1), budget.waitMs(0), budget.waitMs(1), budget.waitMs(10)]).toEqual([0, 250, 500, 2_750])
    await clock.advance(budget.waitMs(1))
    expect(budget.balance()).toBe(1)
    expect(budget.waitMs(1)).toBe(0)
  })

  test('gives its rate however often it is asked', async () => {
    const clock = createVirtualClock()
    const budget = createRefillingBudget({ clock, most: 1, perSecond: 3 })
    let taken = 0
    for (let ms = 0; ms < 60_000; ms += 7) {
      if (budget.balance() >= 1) {
        budget.spend(1)
        taken++
      }
      await clock.advance(7)
    }
    expect(taken).toBeGreaterThan(177)
    expect(taken).toBeLessThanOrEqual(181)
  })
})
