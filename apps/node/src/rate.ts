/** How fast a count grows, looking back over a span of time. */
export interface Rate {
  observe(count: number, nowMs: number): void
  /** Per second; 0 as long as nothing can be said. */
  perSecond(): number
}

/** Looks back over `spanMs`, with at most `maxSamples` observations of it. */
export function createRate(spanMs = 10_000, maxSamples = 64): Rate {
  // bounded: maxSamples
  const samples: { count: number; at: number }[] = []
  return {
    observe(count, at) {
      samples.push({ count, at })
      while (samples.length > maxSamples || (samples.length > 2 && at - (samples[0]?.at ?? at) > spanMs))
        samples.shift()
    },
    perSecond() {
      const [first, last] = [samples[0], samples.at(-1)]
      if (first === undefined || last === undefined || last.at === first.at) return 0
      return Math.max(0, ((last.count - first.count) / (last.at - first.at)) * 1000)
    },
  }
}
