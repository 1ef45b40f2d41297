import type { Clock } from '@ethwire/io'

const CAPACITY = 32
const REFILL_PER_SECOND = 10
/** How long a peer may go on past its budget. */
const PATIENCE_MS = 1_000

/** How many of a peer's pings are answered: a Pong costs more than a Ping. */
export interface PingBudget {
  /** What to do with a ping that came now. */
  take(): 'answer' | 'ignore' | 'breach'
}

/** 32 pings at once, 10 a second; whoever is past that for a second breaks the protocol. */
export function createPingBudget(clock: Pick<Clock, 'monotonicMs'>): PingBudget {
  let tokens = CAPACITY
  let refilledMs = clock.monotonicMs()
  let overSinceMs: number | undefined
  let lastOverMs = 0
  return {
    take() {
      const now = clock.monotonicMs()
      tokens = Math.min(CAPACITY, tokens + ((now - refilledMs) / 1000) * REFILL_PER_SECOND)
      refilledMs = now
      if (tokens >= 1) {
        tokens--
        return 'answer'
      }
      // A pause of a second makes good; the single tokens that come back meanwhile do not.
      if (overSinceMs === undefined || now - lastOverMs > PATIENCE_MS) overSinceMs = now
      lastOverMs = now
      return now - overSinceMs >= PATIENCE_MS ? 'breach' : 'ignore'
    },
  }
}
