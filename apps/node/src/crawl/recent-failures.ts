/** Strangers who did not answer, by where they were said to be: they are not bothered again so soon. */
export interface RecentFailures {
  add(key: string, nowMs: number): void
  has(key: string, nowMs: number): boolean
}

const maxFailures = 16_384

export function createRecentFailures(forMs: number): RecentFailures {
  // bounded: maxFailures, the oldest go first
  const failures = new Map<string, number>()
  return {
    add(key, nowMs) {
      failures.delete(key)
      failures.set(key, nowMs)
      for (const [oldest, atMs] of failures) {
        if (failures.size <= maxFailures && nowMs - atMs < forMs) break
        failures.delete(oldest)
      }
    },
    has(key, nowMs) {
      const atMs = failures.get(key)
      return atMs !== undefined && nowMs - atMs < forMs
    },
  }
}
