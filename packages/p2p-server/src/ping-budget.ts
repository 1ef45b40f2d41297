import { type Clock, createRefillingBudget, type Timer } from '@ethwire/io'

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
  const pings = createRefillingBudget({ clock, most: CAPACITY, perSecond: REFILL_PER_SECOND })
  let patience: Timer | undefined

  return {
    take() {
      pings.spend(1)
      const left = pings.balance()
      if (left >= 0) return true
      if (left < -MAX_OWED) {
        onBreach()
        return false
      }
      patience ??= clock.setTimer(PATIENCE_MS, () => {
        patience = undefined
        if (pings.balance() < 0) onBreach()
      })
      return false
    },
    close: () => patience?.cancel(),
  }
}
