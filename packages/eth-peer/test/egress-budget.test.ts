import { expect, test } from 'vitest'
import { createEgressBudget } from '../src/egress-budget.ts'

/** An answer of so many bytes that is taken when the test says so. */
function answer(budget: ReturnType<typeof createEgressBudget>, bytes: number, isReader = false) {
  const taken = Promise.withResolvers<void>()
  const state = { isBuilt: false, taken, done: Promise.resolve() }
  state.done = budget.answer(
    isReader,
    async () => {
      state.isBuilt = true
      return new Uint8Array(bytes)
    },
    () => taken.promise,
  )
  state.done.catch(() => undefined)
  return state
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('case 52: answers that peers do not take are made only up to the budget, whoever asks', async () => {
  const budget = createEgressBudget(1000)
  const answers = Array.from({ length: 50 }, () => answer(budget, 300))
  await settle()
  const built = (): number => answers.filter(({ isBuilt }) => isBuilt).length
  // The budget, and the four that may be in the making when it is spent.
  expect(built()).toBeLessThanOrEqual(Math.floor(1000 / 300) + 4)
  const before = built()
  for (const { taken } of answers.slice(0, before)) taken.resolve()
  await settle()
  expect(built()).toBeGreaterThan(before)
  for (const { taken } of answers) taken.resolve()
  await Promise.all(answers.map(({ done }) => done))
})

test('case 52: a peer that reads is answered while others hold the budget', async () => {
  const budget = createEgressBudget(1000)
  const stuck = Array.from({ length: 4 }, () => answer(budget, 300))
  await settle()
  const late = answer(budget, 100)
  const reader = answer(budget, 100, true)
  await settle()
  expect([late.isBuilt, reader.isBuilt]).toEqual([false, true])
  for (const { taken } of [...stuck, late, reader]) taken.resolve()
  await Promise.all([...stuck, late, reader].map(({ done }) => done))
})

test('what fails gives its share back', async () => {
  const budget = createEgressBudget(1000)
  for (let i = 0; i < 10; i++) {
    await expect(
      budget.answer(
        false,
        () => Promise.reject(new Error('store')),
        async () => undefined,
      ),
    ).rejects.toThrow()
    const lost = answer(budget, 2000)
    await settle()
    lost.taken.reject(new Error('gone'))
    await expect(lost.done).rejects.toThrow('gone')
  }
  const next = answer(budget, 10)
  await settle()
  expect(next.isBuilt).toBe(true)
  next.taken.resolve()
  await next.done
})
