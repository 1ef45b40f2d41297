import { expect, test } from 'vitest'
import { parseGoDuration } from '../src/go-duration.ts'

test('spans of time are read as Go reads them', () => {
  const spans = {
    '0': 0,
    '300ms': 300,
    '-1.5h': -5_400_000,
    '+2h45m': 9_900_000,
    '1h15m30.918273645s': 4_530_918.273645,
    '1.s': 1_000,
    '.5m': 30_000,
    '1µs': 0.001,
    '10ns': 0.00001,
  }
  for (const [text, ms] of Object.entries(spans)) expect(parseGoDuration(text), text).toBeCloseTo(ms, 6)
  for (const text of ['', '5', 'h', '1d', '1h 5m', '.s', '--1s', '1s-1s', `${'1'.repeat(70)}s`])
    expect(parseGoDuration(text), text).toBeUndefined()
})
