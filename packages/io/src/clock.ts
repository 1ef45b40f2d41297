import { onAbort } from './on-abort.ts'

/** A running timer. `cancel` is idempotent and harmless after the timer has fired. */
export interface Timer {
  cancel(): void
}

/** Time as a package sees it: handed in, never read from the air, so that tests and simulations can own it. */
export interface Clock {
  /** Wall clock, unix time in milliseconds. May step backwards. */
  now(): number
  /** Milliseconds since an arbitrary start. Never steps backwards; use it to measure. */
  monotonicMs(): number
  /** Calls `callback` once after `delayMs` milliseconds. */
  setTimer(delayMs: number, callback: () => void): Timer
}

/**
 * Waits `delayMs`; rejects with the signal's reason when it aborts first.
 *
 * @example
 * import { sleep } from '@ethwire/io'
 * import { nodeClock } from '@ethwire/io/node'
 *
 * await sleep(nodeClock, 5, { signal: AbortSignal.timeout(5000) })
 */
export function sleep(clock: Clock, delayMs: number, options: { signal?: AbortSignal } = {}): Promise<void> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    let forget: (() => void) | undefined
    const timer = clock.setTimer(delayMs, () => {
      forget?.()
      resolve()
    })
    forget =
      signal &&
      onAbort(signal, () => {
        timer.cancel()
        reject(signal.reason)
      })
  })
}
