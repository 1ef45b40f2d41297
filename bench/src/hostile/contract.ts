import { type Line, rounded } from '../line.ts'

/** What holds in every case; a case may allow itself more memory where it says so. */
export const contract = {
  successPercent: 99,
  delayP99Ms: 50,
  delayMaxMs: 250,
  memoryMb: 64,
  /** Back to so much above the memory before, within so long. */
  memoryBackFactor: 1.1,
  backSeconds: 60,
} as const

/** One figure and the bound that it has to keep. */
export interface Judged {
  readonly name: string
  readonly ours: number
  readonly limit: number
  readonly unit: string
  readonly note: string
  /** Whether the limit is the least that is allowed; else it is the most. */
  readonly atLeast?: boolean
}

export function keeps({ ours, limit, atLeast = false }: Judged): boolean {
  return atLeast ? ours >= limit : ours <= limit
}

/** The figure as a line, beside its bound: a ratio of 1 and above keeps it. */
export function judgedLine(figure: Judged): Line {
  const { name, ours, limit, unit, note, atLeast = false } = figure
  const ratio = atLeast ? ours / limit : limit === 0 ? (ours === 0 ? 1 : 0) : limit / Math.max(ours, limit / 1000)
  const verdict = keeps(figure) ? 'pass' : 'FAIL'
  const shape = { name, ours: rounded(ours), peer: limit, peerName: 'pass contract', ratio: rounded(ratio), unit }
  return { ...shape, note: `${verdict}; ${note}` }
}
