import type { Metrics } from '@ethwire/io'
import { type DialRefusal, dialRefusals } from './dial-refusal.ts'

/** How often each rule refused a node. */
export interface RefusalCounts {
  add(reason: DialRefusal): void
  counts(): Record<DialRefusal, number>
}

export function createRefusalCounts(metrics: Metrics): RefusalCounts {
  const counts = Object.fromEntries(dialRefusals.map((reason) => [reason, 0])) as Record<DialRefusal, number>
  return {
    add(reason) {
      counts[reason]++
      metrics.counter(`p2p/dials/refused/${reason}`).add()
    },
    counts: () => ({ ...counts }),
  }
}
