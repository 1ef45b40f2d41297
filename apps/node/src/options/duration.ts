import { InvalidArgumentError } from 'commander'
import { parseGoDuration } from '../go-duration.ts'

const maxMs = 2 ** 31 - 1

/** A time as Go's flags have it (`30m`, `1h30m`, `500ms`, `0`), in milliseconds; at most 24 days. */
export function goDuration(text: string): number {
  const ms = parseGoDuration(text)
  if (ms === undefined || !(ms >= 0 && ms <= maxMs))
    throw new InvalidArgumentError('Expected a time such as 30m, 90s or 1h30m, up to 24 days.')
  return Math.round(ms)
}
