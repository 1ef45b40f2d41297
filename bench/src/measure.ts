/** One of those who do the same work. */
export interface Contender {
  /** Works for about so long and gives its rate, in units of work per second. */
  rate(durationMs: number): number | Promise<number>
}

export interface Rounds {
  /** Each contender's turns; the rounds go round, so that a machine busy for a while is busy for all. */
  readonly count: number
  readonly durationMs: number
}

/** The median rate of each contender, after one round that is not counted. */
export async function medianRates<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { count, durationMs }: Rounds,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[]
  const rates = new Map<Name, number[]>(names.map((name) => [name, []])) // bounded: by the contenders
  for (let round = 0; round <= count; round++) {
    for (const name of names) {
      const rate = await contenders[name].rate(durationMs)
      if (round > 0) rates.get(name)?.push(rate)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rates.get(name) ?? [])])) as Record<Name, number>
}

/** The value in the middle, or between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Repeats synchronous work until the time is over. `batch` times between two looks at the clock. */
export function repeat(work: () => void, durationMs: number, batch = 1): number {
  const start = performance.now()
  let count = 0
  let elapsedMs = 0
  while (elapsedMs < durationMs) {
    for (let index = 0; index < batch; index++) work()
    count += batch
    elapsedMs = performance.now() - start
  }
  return (count * 1000) / elapsedMs
}

/**
 * As `repeat`, but the rate is by the time that the process has had of the processor, its collector's included: other work
 * on the machine does not change it.
 */
export function repeatCpu(work: () => void, durationMs: number): number {
  const start = performance.now()
  const before = process.cpuUsage()
  let count = 0
  while (performance.now() - start < durationMs) {
    for (let index = 0; index < 8; index++) work()
    count += 8
  }
  const { user, system } = process.cpuUsage(before)
  return (count * 1_000_000) / (user + system)
}
