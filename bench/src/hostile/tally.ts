/** Counts attempts, and how long those took that succeeded. */
export interface Tally {
  count(work: () => Promise<unknown>): Promise<void>
  /** What was counted since the last call. */
  take(): { readonly tried: number; readonly failed: number; readonly p99Ms: number; readonly maxMs: number }
}

export function createTally(onFailure: (error: unknown) => void): Tally {
  let durations: number[] = [] // bounded: by the rate of one control peer between two calls of take()
  let failed = 0
  return {
    async count(work) {
      const start = performance.now()
      try {
        await work()
        durations.push(performance.now() - start)
      } catch (error) {
        failed++
        onFailure(error)
      }
    },
    take() {
      const sorted = durations.toSorted((a, b) => a - b)
      const p99Ms = sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? 0
      const taken = { tried: sorted.length + failed, failed, p99Ms, maxMs: sorted.at(-1) ?? 0 }
      durations = []
      failed = 0
      return taken
    },
  }
}
