import type { Clock, Timer } from '@ethwire/io'

const CAPACITY = 32
const REFILL_PER_SECOND = 10
/** How long a peer may be past its budget. */
const PATIENCE_MS = 1_000
/** Who owes so many has no patience left: to read all of a flood would cost more than its sender. */
const MAX_OWED = 1_000

/** How many of a peer's pings are answered: a Pong costs more than a Ping. */
export interface PingBudget {
  /** Counts a ping; whether it is to be answered. */
  take(): boolean
  close(): void
}

/**
 * 32 pings at once, 10 a second. What is over that is not answered and is owed: who still owes after a second is told to
 * `onBreach`, however short the burst was, and who owes a thousand at once.
 */
export function createPingBudget(clock: Pick<Clock, 'monotonicMs' | 'setTimer'>, onBreach: () => void): PingBudget {
  let tokens = CAPACITY
  let refilledMs = clock.monotonicMs()
  let patience: Timer | undefined

  const refill = (): void => {
    const now = clock.monotonicMs()
    tokens = Math.min(CAPACITY, tokens + ((now - refilledMs) / 1000) * REFILL_PER_SECOND)
    refilledMs = now
  }

  return {
    take() {
      refill()
      tokens--
      if (tokens >= 0) return true
      if (tokens < -MAX_OWED) {
        onBreach()
        return false
      }
      patience ??= clock.setTimer(PATIENCE_MS, () => {
        patience = undefined
        refill()
        if (tokens < 0) onBreach()
      })
      return false
    },
    close: () => patience?.cancel(),
  }
}
