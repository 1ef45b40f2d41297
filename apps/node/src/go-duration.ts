const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** A span of time as Go writes it (`1h30m`, `-1.5h`, `0`), in milliseconds; undefined for text that is none. */
export function parseGoDuration(text: string): number | undefined {
  const digits = text.replace(/^[+-]/, '')
  if (digits === '0') return 0
  if (text.length > 64 || !/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(digits)) return undefined
  let ms = 0
  for (const [, number, unit] of digits.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g))
    ms += Number(number) * (unitMs[unit as string] as number)
  return text.startsWith('-') ? -ms : ms
}
