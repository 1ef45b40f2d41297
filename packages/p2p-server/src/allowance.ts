import { type Clock, createRefillingBudget, type Timer } from '@ethwire/io'

/** How many bytes may pass in a second. Whatever passes is charged, also what did not ask; then who asks waits longer. */
export interface Allowance {
  charge(bytes: number): void
  /**
   * Calls back when more may pass: at once, or later, those who wait in the order in which they came. What it returns takes
   * the call back.
   */
  whenReady(callback: () => void): () => void
  /** Calls nobody back any more. Idempotent. */
  close(): void
}

/** A second's worth may pass at once; after that, what was charged has to come back before more passes. */
export function createAllowance(clock: Pick<Clock, 'monotonicMs' | 'setTimer'>, bytesPerSecond: number): Allowance {
  const budget = createRefillingBudget({ clock, most: bytesPerSecond, perSecond: bytesPerSecond })
  let timer: Timer | undefined
  let isClosed = false
  // bounded: two for each connection, one for either direction
  const waiting = new Set<() => void>()

  /** One after the other: what the first lets pass may leave nothing for the next. */
  const serve = (): void => {
    timer = undefined
    for (const callback of waiting) {
      if (budget.balance() <= 0) break
      waiting.delete(callback)
      callback()
    }
    if (waiting.size > 0 && timer === undefined) arm()
  }

  const arm = (): void => {
    // A whole millisecond more than nothing, so that it is not found a fraction short.
    timer = clock.setTimer(budget.waitMs(0) + 1, serve)
  }

  return {
    charge: budget.spend,
    whenReady(callback) {
      if (budget.balance() > 0 && waiting.size === 0) {
        callback()
        return () => undefined
      }
      const waiter = (): void => callback()
      waiting.add(waiter)
      if (timer === undefined && !isClosed) arm()
      return () => void waiting.delete(waiter)
    },
    close() {
      isClosed = true
      timer?.cancel()
      waiting.clear()
    },
  }
}

/** Several allowances that all have to allow what passes. Closing it closes none of them. */
export function allOf(allowances: readonly Allowance[]): Allowance | undefined {
  const [first, ...others] = allowances
  const second = first && allOf(others)
  if (first === undefined || second === undefined) return first
  return {
    charge(bytes) {
      first.charge(bytes)
      second.charge(bytes)
    },
    whenReady(callback) {
      let cancelSecond: (() => void) | undefined
      const cancelFirst = first.whenReady(() => {
        cancelSecond = second.whenReady(callback)
      })
      return () => {
        cancelFirst()
        cancelSecond?.()
      }
    },
    close: () => undefined,
  }
}
