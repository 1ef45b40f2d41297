import type { SyncProgress } from '@ethwire/eth-manager'
import { describe, expect, test } from 'vitest'
import { duration, grouped, progressBar } from '../src/progress-text.ts'
import { createRate } from '../src/rate.ts'
import { liveLine, logLine } from '../src/sync-display.ts'

const head = { number: 1234, hash: new Uint8Array(32) }
const standing = { head, peers: 3, receiptsUnavailable: [], offences: {} } as unknown as SyncProgress
const blocks: SyncProgress = {
  ...standing,
  state: 'blocks',
  target: { number: 20_000, hash: new Uint8Array(32) },
  done: 5_000,
  total: 20_000,
  perSecond: 2_500,
  msLeft: 6_000,
}

describe('progress', () => {
  test('shows blocks done, rate, time left and peers', () => {
    expect(liveLine(blocks, 3)).toMatch(/^Blocks .* 25 % {2}5,000\/20,000 {2}2,500\/s {2}6 s left {2}3 peers$/)
    expect(logLine(blocks, 3)).toEqual([
      { head: 1234, target: 20_000, done: 5_000, total: 20_000, perSecond: 2_500, eta: '6 s', peers: 3 },
      'Syncing: downloading blocks',
    ])
  })

  test('says that peers are looked for, and nothing once all is done', () => {
    expect(liveLine({ ...standing, state: 'finding-head' } as SyncProgress, 1)).toContain('1 peer')
    expect(logLine({ ...standing, state: 'finding-head' } as SyncProgress, 0)).toEqual([
      { head: 1234, peers: 0 },
      'Looking for the head',
    ])
    expect(liveLine({ ...standing, state: 'synced' } as SyncProgress, 3)).toBe('')
    expect(logLine({ ...standing, state: 'synced' } as SyncProgress, 3)).toBeUndefined()
  })

  test('has words for times and numbers of all sizes', () => {
    expect([0.4, 59, 185, 7_800, Number.NaN, Number.POSITIVE_INFINITY].map(duration)).toEqual([
      '0 s',
      '59 s',
      '3 min 05 s',
      '2 h 10 min',
      '?',
      '?',
    ])
    expect(grouped(1_234_567.8)).toBe('1,234,568')
    expect([0, 0.5, 1, 2, -1].map((part) => progressBar(part).slice(-5))).toEqual([
      '  0 %',
      ' 50 %',
      '100 %',
      '100 %',
      '  0 %',
    ])
  })

  test('measures a rate over the last seconds alone', () => {
    const rate = createRate(1_000)
    expect(rate.perSecond()).toBe(0)
    for (let at = 0; at <= 5_000; at += 100) rate.observe(at < 4_000 ? 0 : at - 4_000, at)
    expect(rate.perSecond()).toBeCloseTo(1_000, -1)
  })
})
