import type { Clock } from '@ethwire/io'

/** The clock of one process among others, which can be stopped as by SIGSTOP. */
export interface StoppableClock extends Clock {
  /** Time goes on, and no timer runs. Idempotent. */
  stop(): void
  /** Timers that have come due meanwhile run at once, in order, as they do in a process that goes on. Idempotent. */
  resume(): void
}

/**
 * Makes a clock that shows another clock's time. Work that waits for something other than a timer is not held up.
 *
 * @example
 * import { createStoppableClock, createVirtualClock } from '@ethwire/testing'
 *
 * const world = createVirtualClock()
 * const clock = createStoppableClock(world)
 * clock.setTimer(1_000, () => console.log('ten minutes late'))
 * clock.stop()
 * await world.advance(601_000)
 * clock.resume()
 */
export function createStoppableClock(world: Clock): StoppableClock {
  let isStopped = false
  // bounded: the timers that the code under test has running
  const late = new Set<() => void>()
  return {
    now: () => world.now(),
    monotonicMs: () => world.monotonicMs(),
    setTimer(delayMs, callback) {
      const run = (): void => {
        late.delete(run)
        callback()
      }
      const timer = world.setTimer(delayMs, () => (isStopped ? void late.add(run) : run()))
      return {
        cancel() {
          timer.cancel()
          late.delete(run)
        },
      }
    },
    stop() {
      isStopped = true
    },
    resume() {
      isStopped = false
      // One may cancel another.
      for (const run of [...late]) if (late.has(run)) run()
    },
  }
}
