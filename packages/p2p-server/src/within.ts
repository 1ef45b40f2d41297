import type { Clock } from '@ethwire/io'

/** Waits for work to settle, whatever its outcome, but no longer than `timeoutMs`. Never rejects. */
export function within(clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(timeoutMs, resolve)
    const done = (): void => {
      timer.cancel()
      resolve()
    }
    work.then(done, done)
  })
}
