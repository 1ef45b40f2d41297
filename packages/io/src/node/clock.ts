import type { Clock, Timer } from '../clock.ts'

/** The longest delay that the platform's timer takes; a longer one would fire at once. */
const maxDelayMs = 2 ** 31 - 1

function startTimer(delayMs: number, callback: () => void): Timer {
  const dueMs = performance.now() + delayMs
  let handle: NodeJS.Timeout
  const arm = (restMs: number): void => {
    handle =
      restMs > maxDelayMs ? setTimeout(() => arm(dueMs - performance.now()), maxDelayMs) : setTimeout(callback, restMs)
  }
  arm(Math.max(0, delayMs))
  return { cancel: () => clearTimeout(handle) }
}

/** The machine's clock. Its timers keep the process alive until they have fired or were cancelled. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: startTimer,
}
