import type { Clock } from './clock.ts'

/** An amount that comes back with time. Below zero it is owed. */
export interface RefillingBudget {
  /** What there is now. */
  balance(): number
  /** Takes from it, below zero too: whoever is to wait asks before. */
  spend(amount: number): void
  /** Whole milliseconds until the balance is at least so much; 0: it is. */
  waitMs(balance: number): number
}

export interface RefillingBudgetOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** What there is at first, and at most. */
  readonly most: number
  readonly perSecond: number
}

/**
 * Makes a budget that is full: a token bucket for one, which need not be whole tokens.
 *
 * @example
 * import { createRefillingBudget } from '@ethwire/io'
 * import { nodeClock } from '@ethwire/io/node'
 *
 * const pings = createRefillingBudget({ clock: nodeClock, most: 2, perSecond: 0.5 })
 * for (let i = 0; i < 3; i++) pings.spend(1)
 * console.log(pings.waitMs(0)) // 2000
 */
export function createRefillingBudget({ clock, most, perSecond }: RefillingBudgetOptions): RefillingBudget {
  let left = most
  let atMs = clock.monotonicMs()

  function balance(): number {
    const nowMs = clock.monotonicMs()
    left = Math.min(most, left + ((nowMs - atMs) * perSecond) / 1000)
    atMs = nowMs
    return left
  }

  return {
    balance,
    spend(amount) {
      left = balance() - amount
    },
    waitMs: (wanted) => Math.max(0, Math.ceil(((wanted - balance()) * 1000) / perSecond)),
  }
}
