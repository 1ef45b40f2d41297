/** What a network of datagrams does to them. */
export interface DatagramFaults {
  /**
   * How long a packet is under way. A range gives each pair of hosts its own latency, the same both ways, so that
   * packets keep their order as on most real paths. 0 by default: a packet is there at once.
   */
  latencyMs?: number | readonly [least: number, most: number]
  /** How many of a hundred packets are lost; 0 by default. */
  lossPercent?: number
  /** How many of a hundred packets arrive a second time, up to `reorderMs` after the first; 0 by default. */
  duplicatePercent?: number
  /** How many of a hundred packets are held back for up to `reorderMs`, so that later ones overtake them; 0 by default. */
  reorderPercent?: number
  /** 50 by default. */
  reorderMs?: number
}

/** Faults in the form in which a packet meets them: chances out of 2^32. */
export interface FaultChances {
  readonly leastMs: number
  readonly spreadMs: number
  readonly loss: number
  readonly duplicate: number
  readonly reorder: number
  readonly reorderMs: number
}

function chance(name: string, percent: number): number {
  if (!(percent >= 0 && percent <= 100)) throw new RangeError(`${name} must be from 0 to 100, got ${percent}`)
  return (percent / 100) * 2 ** 32
}

export function faultChances(faults: DatagramFaults): FaultChances {
  const { latencyMs = 0, lossPercent = 0, duplicatePercent = 0, reorderPercent = 0, reorderMs = 50 } = faults
  const [leastMs, mostMs] = typeof latencyMs === 'number' ? [latencyMs, latencyMs] : latencyMs
  if (!(leastMs >= 0 && mostMs >= leastMs && mostMs < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`latencyMs must be a time or a range of times, got ${leastMs} to ${mostMs}`)
  }
  if (!(reorderMs >= 0 && reorderMs < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`reorderMs must be a time, got ${reorderMs}`)
  }
  return {
    leastMs,
    spreadMs: mostMs - leastMs,
    loss: chance('lossPercent', lossPercent),
    duplicate: chance('duplicatePercent', duplicatePercent),
    reorder: chance('reorderPercent', reorderPercent),
    reorderMs,
  }
}
