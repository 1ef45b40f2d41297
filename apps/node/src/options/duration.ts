import { InvalidArgumentError } from 'commander'

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const maxMs = 2 ** 31 - 1

/** A time as Go's flags have it (`30m`, `1h30m`, `500ms`, `0`), in milliseconds; at most 24 days. */
export function goDuration(text: string): number {
  if (text === '0') return 0
  let ms = 0
  if (/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text) && text.length <= 64) {
    for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
      ms += Number(number) * (unitMs[unit ?? ''] ?? Number.NaN)
    }
    if (ms <= maxMs) return Math.round(ms)
  }
  throw new InvalidArgumentError('Expected a time such as 30m, 90s or 1h30m, up to 24 days.')
}
