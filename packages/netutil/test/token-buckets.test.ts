import { createSeededRandom } from '@ethwire/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenBuckets, type TokenBucketsOptions } from '../src/index.ts'

/** The figures for senders without a bond. */
const unbonded = { capacity: 100, refillPerSecond: 20 }
const megabyte = 2 ** 20

const make = (options: Partial<TokenBucketsOptions> = {}) =>
  createTokenBuckets({ ...unbonded, random: createSeededRandom(1), ...options })

/** `count` different IPv4 addresses. */
function* ipv4s(count: number): Generator<string> {
  for (let n = 0; n < count; n++) yield `${16 + (n >> 24)}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
}

describe('token buckets', () => {
  it('case 4: of 20,000 packets a second of one address the budget passes, and then its refill', () => {
    for (const [scale, atOnce, perSecond] of [
      [1, 100, 20],
      [10, 1000, 200],
    ] as const) {
      for (const ip of ['8.8.8.8', '127.0.0.1', '2607::1']) {
        const buckets = make()
        let passed = 0
        for (let packet = 0; packet < 100_000; packet++) {
          const nowMs = packet / 20
          if (!buckets.available(ip, nowMs, scale)) continue
          buckets.charge(ip, nowMs, 1, scale)
          passed++
        }
        expect(passed).toBeGreaterThanOrEqual(atOnce + 5 * perSecond - 1)
        expect(passed).toBeLessThanOrEqual(atOnce + 5 * perSecond)
      }
    }
  })

  it('case 4: a flood from 1,000,000 forged addresses takes at most 1 MB', () => {
    const buckets = make()
    expect(buckets.memoryBytes).toBeLessThan(megabyte / 256)
    let before = 0
    for (const ip of ipv4s(1_000_000)) {
      buckets.charge(ip, 0)
      if (buckets.memoryBytes !== before) {
        // While it grows, the old and the new arrays are there together.
        expect(before + buckets.memoryBytes).toBeLessThanOrEqual(megabyte)
        before = buckets.memoryBytes
      }
    }
    expect(buckets.size).toBe(16_384)
    expect(buckets.memoryBytes).toBe(589_824)
  })

  it('case 4: a sender that goes on while it is refused is not forgotten for 16,383 new ones', () => {
    const buckets = make()
    const [flooder = ''] = ipv4s(1)
    buckets.charge(flooder, 0, 200)
    for (const ip of ipv4s(100_000)) {
      expect(buckets.available(flooder, 0)).toBe(false)
      if (ip !== flooder) buckets.charge(ip, 0)
    }
  })

  it('keeps those used last', () => {
    const buckets = make({ maxKeys: 100 })
    for (const ip of ipv4s(150)) buckets.charge(ip, 0, 200)
    expect([...ipv4s(150)].map((ip) => buckets.available(ip, 0))).toEqual([
      ...new Array(50).fill(true),
      ...new Array(100).fill(false),
    ])
    expect(buckets.size).toBe(100)
  })

  it('remembers nobody for a question', () => {
    const buckets = make()
    for (const ip of ipv4s(1000)) expect(buckets.available(ip, 0)).toBe(true)
    expect(buckets.size).toBe(0)
  })

  it('needs no more room for many senders than for those that have not their full budget back', () => {
    const buckets = make()
    const { memoryBytes } = buckets
    let nowMs = 0
    for (const ip of ipv4s(10_000)) {
      nowMs += 1
      buckets.charge(ip, nowMs)
    }
    // 20 a second come back: after 50 ms a bucket is full again.
    expect(buckets.memoryBytes).toBe(memoryBytes)
    expect(buckets.size).toBeLessThanOrEqual(64)
    // Who owes is kept meanwhile.
    buckets.charge('8.8.8.8', nowMs, 200)
    for (const ip of ipv4s(1000)) buckets.charge(ip, nowMs++)
    expect(buckets.available('8.8.8.8', nowMs)).toBe(false)
    expect(buckets.memoryBytes).toBe(memoryBytes)
  })

  it('says when it charges what was there before', () => {
    const buckets = make()
    const said = Array.from({ length: 102 }, () => buckets.charge('8.8.8.8', 0))
    expect(said).toEqual([...Array.from({ length: 100 }, () => true), false, false])
  })

  it('owes at most its capacity', () => {
    const buckets = make()
    buckets.charge('8.8.8.8', 0, 1e9)
    expect(buckets.available('8.8.8.8', 5000)).toBe(false)
    expect(buckets.available('8.8.8.8', 5051)).toBe(true)
  })

  it('has one bucket for an IPv6 /64, one for each IPv4 address, and IPv4 as IPv6 is IPv4', () => {
    const buckets = make()
    for (const ip of ['2607:1:2:3::1', '8.8.8.8']) buckets.charge(ip, 0, 200)
    const refused = ['2607:1:2:3:ffff::', '2607:1:2:3::1', '8.8.8.8', '::ffff:8.8.8.8']
    const passed = ['2607:1:2:4::1', '2607:1:2:2:ffff:ffff:ffff:ffff', '8.8.8.9', '8.8.9.8', '::8.8.8.8', '808:808::']
    for (const ip of refused) expect([ip, buckets.available(ip, 0)]).toEqual([ip, false])
    for (const ip of passed) expect([ip, buckets.available(ip, 0)]).toEqual([ip, true])
  })

  it('counts by subnet when told to, and everybody together', () => {
    const bySubnet = make({ bits4: 24, bits6: 48 })
    for (const ip of ['2607:1:2:3::1', '8.8.8.8']) bySubnet.charge(ip, 0, 200)
    expect(['8.8.8.255', '8.8.9.0', '2607:1:2:ffff::', '2607:1:3::'].map((ip) => bySubnet.available(ip, 0))).toEqual([
      false,
      true,
      false,
      true,
    ])
    const together = make({ bits4: 0, bits6: 0, maxKeys: 2 })
    together.charge('8.8.8.8', 0, 200)
    together.charge('2607::1', 0, 50)
    expect([together.available('1.1.1.1', 0), together.available('2a00::1', 0), together.size]).toEqual([
      false,
      true,
      2,
    ])
  })

  it('does as a plain map of buckets does', () => {
    const ips = ['8.8.8.8', '8.8.8.9', '9.8.8.8', '2607::1', '2607::2', '2607:0:0:1::1', '127.0.0.1']
    const step = fc.record({
      ip: fc.constantFrom(...ips),
      waitMs: fc.nat({ max: 3000 }),
      cost: fc.nat({ max: 60 }),
      scale: fc.constantFrom(1, 10),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(1, 2, 3, 100), (steps, maxKeys) => {
        const buckets = make({ maxKeys })
        // From the one used longest ago to the one used last.
        const model = new Map<string, { spent: number; atMs: number }>()
        const keyOf = (ip: string): string => (ip === '2607::2' ? '2607::1' : ip)
        let nowMs = 0
        for (const { ip, waitMs, cost, scale } of steps) {
          nowMs += waitMs
          const key = keyOf(ip)
          const known = model.get(key)
          const spent = Math.max(0, (known?.spent ?? 0) - ((nowMs - (known?.atMs ?? 0)) * 20 * scale) / 1000)
          // Where rounding decides, either is right.
          if (Math.abs(spent + 1 - 100 * scale) > 1e-3) {
            expect(buckets.available(ip, nowMs, scale)).toBe(spent + 1 <= 100 * scale)
          }
          buckets.charge(ip, nowMs, cost, scale)
          model.delete(key)
          model.set(key, { spent: Math.min(spent + cost, 200 * scale), atMs: nowMs })
          if (model.size > maxKeys) for (const [oldest] of [...model].slice(0, 1)) model.delete(oldest)
          expect(buckets.size).toBe(model.size)
        }
      }),
    )
  })

  it('refuses options that cannot be', () => {
    for (const options of [
      { capacity: 0 },
      { capacity: Number.NaN },
      { refillPerSecond: -1 },
      { bits4: 33 },
      { bits6: 65 },
      { maxKeys: 0 },
      { maxKeys: 1.5 },
    ]) {
      expect(() => make(options)).toThrow(RangeError)
    }
    expect(() => make().available('localhost', 0)).toThrow(TypeError)
  })
})
