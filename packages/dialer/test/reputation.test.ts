import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createReputation, type Offence, type ReputationOptions } from '../src/index.ts'
import { keepingLogger } from './support.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const a = 'aa'.repeat(32)
const b = 'bb'.repeat(32)

function create(options: Partial<ReputationOptions> = {}) {
  const clock = createVirtualClock()
  return { clock, reputation: createReputation({ clock, ...options }) }
}

describe('a score', () => {
  test.each<[Offence, number]>([
    ['full', 0],
    ['dropped', -4 * 1024],
    ['timeout', -4 * 1024],
    ['dial-failure', -25 * 1024],
    ['bad-message', -16 * 1024],
  ])('falls for %s as it does in reth', (offence, score) => {
    const { reputation } = create()
    expect(reputation.report({ nodeIdHex: a }, offence)).toBe('noted')
    expect(reputation.explain({ nodeIdHex: a }).score).toBe(score === 0 ? 0 : score)
    expect(reputation.isBanned(a, undefined)).toBeUndefined()
  })

  test('recovers by one a second, up to where it began', async () => {
    const { clock, reputation } = create()
    reputation.report({ nodeIdHex: a }, 'timeout')
    await clock.advance(1_096_000)
    expect(reputation.explain({ nodeIdHex: a }).score).toBe(-3_000)
    await clock.advance(hourMs)
    expect(reputation.explain({ nodeIdHex: a }).score).toBe(0)
  })

  test('below −50 Ki bans for 12 h, and begins anew after', async () => {
    const { clock, reputation } = create()
    const reports = Array.from({ length: 5 }, () => reputation.report({ nodeIdHex: a }, 'bad-message'))
    expect(reports).toEqual(['noted', 'noted', 'noted', 'banned', 'noted'])
    expect(reputation.isBanned(a, undefined)).toBe('node')
    expect(reputation.isBanned(b, undefined)).toBeUndefined()
    await clock.advance(12 * hourMs - 1)
    expect(reputation.isBanned(a, undefined)).toBe('node')
    await clock.advance(1)
    expect(reputation.isBanned(a, undefined)).toBeUndefined()
    expect(reputation.explain({ nodeIdHex: a })).toMatchObject({ score: 0, bannedForMs: 0 })
  })

  test('is as low as can be after a breach', () => {
    const { reputation } = create()
    expect(reputation.report({ nodeIdHex: a, ip: '8.8.8.8' }, 'breach')).toBe('banned')
    expect(reputation.explain({ nodeIdHex: a }).bannedForMs).toBe(12 * hourMs)
    expect(reputation.isBanned(a, '8.8.4.4')).toBe('node')
    expect(reputation.isBanned(b, '8.8.8.8')).toBeUndefined()
  })

  test('can be weighed otherwise', () => {
    const weights = { timeout: { node: 100, address: 0, backoffMs: 0 } }
    const { reputation } = create({ weights, banScore: -150, banMs: 1_000 })
    expect([1, 2].map(() => reputation.report({ nodeIdHex: a }, 'timeout'))).toEqual(['noted', 'banned'])
    expect(reputation.explain({ nodeIdHex: a })).toEqual({ score: 0, bannedForMs: 1_000, backoffMs: 0 })
  })
})

describe('an address', () => {
  test('is banned when four keys from it broke the protocol, and by its /64 if it is of IPv6', () => {
    const { reputation } = create()
    for (let n = 1; n <= 4; n++) {
      expect(reputation.isBanned(undefined, '2001:db9::7')).toBeUndefined()
      reputation.report({ nodeIdHex: `${n}`.repeat(64), ip: `2001:db9::${n}` }, 'breach')
    }
    expect(reputation.isBanned(b, '2001:db9::7')).toBe('address')
    expect(reputation.isBanned(undefined, '2001:db9:0:1::7')).toBeUndefined()
    expect(reputation.isBanned(undefined, 'a.name.example')).toBeUndefined()
  })

  test('pays itself for what comes from it without a key', () => {
    const { reputation } = create()
    const reports = Array.from({ length: 4 }, () => reputation.report({ ip: '8.8.8.8' }, 'breach'))
    expect(reports).toEqual(['noted', 'noted', 'noted', 'banned'])
    expect(reputation.isBanned(undefined, '::ffff:8.8.8.8')).toBe('address')
  })

  test('of the local network is banned by hand only: many may be behind one', () => {
    const { reputation } = create()
    for (const ip of ['127.0.0.1', '192.168.1.2', 'fd00::1']) {
      for (let n = 0; n < 100; n++) reputation.report({ ip }, 'breach')
      expect(reputation.isBanned(undefined, ip)).toBeUndefined()
      reputation.ban({ ip })
      expect(reputation.isBanned(undefined, ip)).toBe('address')
    }
  })

  test('costs a node nothing that others did from it, but for the ban', () => {
    const { reputation } = create()
    reputation.report({ nodeIdHex: a, ip: '8.8.8.8' }, 'bad-message')
    expect(reputation.explain({ nodeIdHex: b }).score).toBe(0)
    expect(reputation.explain({ ip: '8.8.8.8' }).score).toBe(-4 * 1024)
  })
})

describe('a node is left alone', () => {
  test('for 30 s, 3 min or 15 min, as many times longer as it happens in a row, an hour at most', () => {
    const { reputation } = create({ banScore: -1e9 })
    const waits = (offence: Offence, times: number): number[] =>
      Array.from({ length: times }, () => {
        reputation.report({ nodeIdHex: a }, offence)
        return reputation.backoffMs(a) / minuteMs
      })
    expect(waits('full', 3)).toEqual([0.5, 0.5, 0.5])
    expect(waits('dropped', 3)).toEqual([3, 6, 9])
    reputation.succeeded(a)
    expect(reputation.backoffMs(a)).toBe(0)
    expect(waits('dial-failure', 6)).toEqual([15, 30, 45, 60, 60, 60])
  })
})

test('case 69: a node whose dials fail now and then is not banned for it, as long as others succeed', async () => {
  const { clock, reputation } = create()
  reputation.report({ nodeIdHex: a }, 'timeout')
  for (let i = 0; i < 20; i++) {
    expect(reputation.report({ nodeIdHex: a }, 'dial-failure')).toBe('noted')
    await clock.advance(reputation.backoffMs(a))
    reputation.succeeded(a)
  }
  expect(reputation.explain({ nodeIdHex: a })).toMatchObject({ score: 0, backoffMs: 0 })
  expect([1, 2, 3].map(() => reputation.report({ nodeIdHex: a }, 'dial-failure'))).toEqual(['noted', 'noted', 'banned'])
  reputation.succeeded(a)
  expect(reputation.isBanned(a, undefined)).toBe('node')
})

describe('trusted and static nodes', () => {
  test('are spared, and that is said', async () => {
    const { logger, lines } = keepingLogger()
    const { clock, reputation } = create({ logger })
    for (const standing of ['trusted', 'static'] as const) {
      expect(reputation.report({ nodeIdHex: a, ip: '8.8.8.8', standing }, 'breach')).toBe('spared')
    }
    expect(reputation.explain({ nodeIdHex: a })).toEqual({ score: 0, bannedForMs: 0, backoffMs: 0 })
    expect(reputation.explain({ ip: '8.8.8.8' }).score).toBe(0)
    expect(reputation.state()).toMatchObject({ spared: 2, reports: { breach: 2 } })
    expect(lines).toEqual(['A node that is vouched for misbehaves, and is spared'])
    await clock.advance(minuteMs)
    reputation.report({ nodeIdHex: a, standing: 'static' }, 'timeout')
    expect(lines).toHaveLength(2)
  })
})

describe('bans by hand', () => {
  test('last as long as is said, and can be taken back', async () => {
    const { clock, reputation } = create()
    reputation.ban({ nodeIdHex: a }, 1_000)
    reputation.ban({ ip: '8.8.8.8' })
    expect(reputation.state()).toMatchObject({ bannedNodes: 1, bannedAddresses: 1 })
    expect(reputation.isBanned(b, '8.8.8.8')).toBe('address')
    await clock.advance(1_000)
    expect(reputation.isBanned(a, undefined)).toBeUndefined()
    expect(reputation.state()).toMatchObject({ bannedNodes: 0, bannedAddresses: 1 })
    expect(reputation.unban({ ip: '8.8.8.8' })).toBe(true)
    expect(reputation.unban({ ip: '8.8.8.8' })).toBe(false)
    reputation.report({ nodeIdHex: a }, 'full')
    expect(reputation.unban({ nodeIdHex: a })).toBe(true)
    expect(reputation.isBanned(a, '8.8.8.8')).toBeUndefined()
  })

  test('of what is no address are refused', () => {
    const { reputation } = create()
    expect(() => reputation.ban({ ip: 'a.name.example' })).toThrow(TypeError)
    expect(() => reputation.ban({ ip: '8.8.8.8' }, 0)).toThrow(RangeError)
  })
})

test('memory is bounded, and small offences push out no ban', () => {
  const { reputation } = create({ maxNodes: 100, maxAddresses: 50 })
  reputation.report({ nodeIdHex: a, ip: '8.8.8.8' }, 'breach')
  for (let n = 0; n < 1_000; n++) {
    const ip = `9.9.${n >> 8}.${n & 255}`
    reputation.report({ nodeIdHex: `${n}`, ip }, 'timeout')
    reputation.ban({ ip })
    if (n < 50) reputation.report({ nodeIdHex: `x${n}`, ip: '127.0.0.1' }, 'breach')
  }
  expect(reputation.state()).toMatchObject({
    ...{ scoredNodes: 100, scoredAddresses: 1, bannedNodes: 51, bannedAddresses: 50 },
  })
  expect(reputation.isBanned(a, undefined)).toBe('node')
})

test('options that cannot be are refused', () => {
  const wrong = [{ banScore: 0 }, { banMs: 0 }, { recoveryPerSecond: -1 }, { maxNodes: 0 }, { maxAddresses: 1.5 }]
  for (const options of wrong) expect(() => create(options)).toThrow(RangeError)
})
