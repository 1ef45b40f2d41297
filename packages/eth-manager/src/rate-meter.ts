import type { Clock } from '@ethwire/io'

/** How many a second, over the last seconds. */
export interface RateMeter {
  add(count: number): void
  perSecond(): number
}

const spanMs = 10_000

export function createRateMeter(clock: Clock): RateMeter {
  // bounded: one a tenth of a second for the span
  const samples: { readonly atMs: number; count: number }[] = []
  let startMs = clock.monotonicMs()
  const forget = (now: number): void => {
    while (samples[0] !== undefined && samples[0].atMs < now - spanMs) samples.shift()
    startMs = Math.max(startMs, now - spanMs)
  }
  return {
    add(count) {
      const now = clock.monotonicMs()
      forget(now)
      const last = samples.at(-1)
      if (last !== undefined && now - last.atMs < 100) last.count += count
      else samples.push({ atMs: now, count })
    },
    perSecond() {
      const now = clock.monotonicMs()
      forget(now)
      const total = samples.reduce((sum, { count }) => sum + count, 0)
      return total === 0 ? 0 : (total * 1000) / Math.max(100, now - startMs)
    },
  }
}
