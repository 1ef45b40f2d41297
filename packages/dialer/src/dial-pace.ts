import type { Clock } from '@ethwire/io'

/** A bound on how many dials begin in a time: some at once, then so many a second. */
export interface DialPace {
  /** Milliseconds until a dial may begin; 0: now. */
  waitMs(): number
  /** Counts a dial. */
  spend(): void
}

/** Makes a token bucket that is full at first. */
export function createDialPace(clock: Pick<Clock, 'monotonicMs'>, atOnce: number, perSecond: number): DialPace {
  let tokens = atOnce
  let atMs = clock.monotonicMs()
  const refill = (): void => {
    const nowMs = clock.monotonicMs()
    tokens = Math.min(atOnce, tokens + ((nowMs - atMs) * perSecond) / 1000)
    atMs = nowMs
  }
  return {
    waitMs() {
      refill()
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / perSecond)
    },
    spend() {
      refill()
      tokens -= 1
    },
  }
}
