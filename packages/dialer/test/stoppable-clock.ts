import type { Clock } from '@ethwire/io'
import type { VirtualClock } from '@ethwire/testing'

/** A process's clock that can stand while time goes on. */
export interface StoppableClock extends Clock {
  /** Stops the process, for so long. Then all timers that have come due run at once, as after SIGSTOP and SIGCONT. */
  stop(ms: number): Promise<void>
}

export function createStoppableClock(world: VirtualClock): StoppableClock {
  let isStopped = false
  // bounded: the timers of one test
  const late = new Set<() => void>()
  return {
    now: world.now,
    monotonicMs: world.monotonicMs,
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
    async stop(ms) {
      isStopped = true
      await world.advance(ms)
      isStopped = false
      for (const run of [...late]) if (late.has(run)) run()
      await world.settle()
    },
  }
}
