import { createSeededRandom, createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createDialHistory, type RedialRules } from '../src/dial-history.ts'

const rules: RedialRules = { redialMs: 35_000, countsFrom: 'start', patience: 1, restMs: 1_000 }

function create(jitter = 0, changes: Partial<RedialRules> = {}) {
  const clock = createVirtualClock()
  const random = createSeededRandom(7)
  return { clock, history: createDialHistory({ clock, random, jitter, rules: { ...rules, ...changes } }) }
}

describe('the history of dials', () => {
  test('keeps a node from being dialled again within 35 s', async () => {
    const { clock, history } = create()
    expect(history.waitMs('a')).toBe(0)
    history.started('a')
    history.ended('a', 'failed', 'candidate')
    await clock.advance(34_999)
    expect(history.waitMs('a')).toBe(1)
    await clock.advance(1)
    expect(history.waitMs('a')).toBe(0)
  })

  test('case 58: leaves a candidate alone for twice as long each time, up to 10 min', async () => {
    const { clock, history } = create()
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      history.started('a')
      history.ended('a', 'failed', 'candidate')
      waits.push(history.waitMs('a') / 1_000)
      await clock.advance(history.waitMs('a'))
    }
    expect(waits).toEqual([35, 70, 140, 280, 560, 600, 600, 600])
  })

  test('asks a candidate that was full again after 35 s', async () => {
    const { clock, history } = create()
    for (let i = 0; i < 5; i++) {
      history.started('a')
      history.ended('a', 'full', 'candidate')
      expect(history.waitMs('a')).toBe(35_000)
      await clock.advance(35_000)
    }
  })

  test('case 68: who has been a peer is tried every 35 s, however long it is away', async () => {
    const { clock, history } = create()
    history.parted('a', false, 'candidate')
    await clock.advance(history.waitMs('a'))
    for (let i = 0; i < 20; i++) {
      history.started('a')
      history.ended('a', 'failed', 'candidate')
      expect(history.waitMs('a')).toBe(35_000)
      await clock.advance(35_000)
    }
  })

  test('doubles from a second to 35 for a static node of the local network', async () => {
    const { clock, history } = create()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      history.started('a')
      history.ended('a', i % 2 === 0 ? 'failed' : 'full', 'local')
      waits.push(history.waitMs('a') / 1_000)
      await clock.advance(history.waitMs('a'))
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 35, 35])
    history.started('a')
    history.ended('a', 'peer', 'local')
    history.parted('a', true, 'local')
    expect(history.waitMs('a')).toBe(35_000)
    history.parted('a', false, 'local')
    expect(history.waitMs('a')).toBe(1_000)
  })

  test('adds chance to each delay, so that two nodes that clashed part ways', () => {
    const { history } = create(0.5)
    const waits = Array.from({ length: 200 }, (_, index) => {
      history.started(`${index}`)
      return history.waitMs(`${index}`)
    })
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(35_000)
    expect(Math.max(...waits)).toBeLessThan(52_500)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(15_000)
  })

  test('forgives failures, but not the 35 s', async () => {
    const { clock, history } = create()
    for (let i = 0; i < 6; i++) {
      await clock.advance(history.waitMs('a'))
      history.started('a')
      history.ended('a', 'failed', 'candidate')
    }
    await clock.advance(30_000)
    history.forgive()
    expect(history.waitMs('a')).toBe(5_000)
    expect(history.failures('a')).toBe(0)
  })

  test('remembers 8,192 nodes', () => {
    const { history } = create()
    for (let i = 0; i < 9_000; i++) history.started(`${i}`)
    for (let i = 0; i < 9_000; i++) history.parted(`x${i}`, false, 'candidate')
    expect(history.size).toBe(8_192)
  })
})
