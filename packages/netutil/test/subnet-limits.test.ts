import { describe, expect, it } from 'vitest'
import { bucketSubnetRules, createSubnetLimits, ipFromBytes, tableSubnetRules } from '../src/index.ts'

const ids = 10_000

/** How many of 10,000 IDs get in. */
function admitted(rules: typeof tableSubnetRules, ip: (n: number) => string): number {
  const limits = createSubnetLimits({ rules })
  let count = 0
  for (let n = 0; n < ids; n++) if (limits.add(ip(n)) === undefined) count++
  expect(limits.size).toBe(count)
  return count
}

describe('subnet limits', () => {
  it.each([
    ['one IPv4 address', () => '8.8.8.8', 2, 10],
    ['one /24', (n: number) => `8.8.8.${n & 255}`, 2, 10],
    ['64 /24s', (n: number) => `8.8.${n & 63}.${n >> 8}`, 128, 640],
    ['one IPv6 address', () => '2607::1', 2, 10],
    ['one /64', (n: number) => `2607::${n.toString(16)}`, 2, 10],
    ['the /64s of one /48', (n: number) => `2607:1:2:${n.toString(16)}::1`, 4, 20],
    ['64 /48s', (n: number) => `2607:1:${(n & 63).toString(16)}:${(n >> 6).toString(16)}::1`, 256, 1280],
  ])('case 12: of 10,000 IDs from %s, %s get into a bucket and a table', (_, ip, ofBucket, ofTable) => {
    expect(admitted(bucketSubnetRules, ip)).toBe(ofBucket)
    expect(admitted(tableSubnetRules, ip)).toBe(ofTable)
  })

  it('case 12: loopback and local networks are exempt, unless they are to be counted', () => {
    const neighbours = ['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.1.1', '::1', 'fd00::1', 'fe80::1']
    const limits = createSubnetLimits({ rules: tableSubnetRules })
    const counting = createSubnetLimits({ rules: tableSubnetRules, countLan: true })
    for (const ip of neighbours) {
      for (let n = 0; n < 100; n++) expect(limits.add(ip)).toBeUndefined()
      for (let n = 0; n < 10; n++) expect(counting.add(ip)).toBeUndefined()
      expect(counting.add(ip)).toBe(ip.includes(':') ? 'ip6/64' : 'ip4/24')
      expect([limits.count(ip), counting.count(ip)]).toEqual([0, 10])
      limits.remove(ip)
    }
    expect([limits.size, counting.size]).toEqual([0, 70])
  })

  it('name the rule that an address would break', () => {
    const limits = createSubnetLimits({ rules: bucketSubnetRules })
    expect(['8.8.8.1', '8.8.8.2', '8.8.8.3', '::ffff:8.8.8.4'].map((ip) => limits.add(ip))).toEqual([
      undefined,
      undefined,
      'ip4/24',
      'ip4/24',
    ])
    const addresses = ['2607::1', '2607::2', '2607::3', '2607:0:0:1::', '2607:0:0:2::', '2607:0:0:3::']
    expect(addresses.map((ip) => limits.add(ip))).toEqual([
      undefined,
      undefined,
      'ip6/64',
      undefined,
      undefined,
      'ip6/48',
    ])
    expect(limits.size).toBe(6)
  })

  it('give back the place of an address that leaves, and no other', () => {
    const limits = createSubnetLimits({ rules: bucketSubnetRules })
    for (const ip of ['8.8.8.1', '8.8.8.2']) limits.add(ip)
    for (const ip of ['9.9.9.9', '2607::1', '127.0.0.1']) limits.remove(ip)
    expect(limits.add('8.8.8.3')).toBe('ip4/24')
    limits.remove('8.8.8.1')
    expect([limits.size, limits.count('8.8.8.255')]).toEqual([1, 1])
    expect([limits.add('8.8.8.3'), limits.add('8.8.8.4')]).toEqual([undefined, 'ip4/24'])
  })

  it('take an address as text and as a value', () => {
    const limits = createSubnetLimits({ rules: bucketSubnetRules })
    const ip = ipFromBytes(Uint8Array.of(8, 8, 8, 8))
    limits.add(ip)
    limits.add('8.8.8.8')
    expect([limits.add(ip), limits.add('8.8.8.8')]).toEqual(['ip4/24', 'ip4/24'])
    expect(() => limits.add('localhost')).toThrow(TypeError)
  })

  it('tell networks apart whose numbers mix to the same', () => {
    // A key of 32 bits for 64: some of so many share one.
    const limits = createSubnetLimits({ rules: [{ family: 6, bits: 64, max: 1 }] })
    const word = (value: number): string => `${((value >>> 16) & 0xffff).toString(16)}:${(value & 0xffff).toString(16)}`
    // first ^ second * 0x9e3779b1 is the same for each.
    const alike = Array.from(
      { length: 50 },
      (_, n) => `${word(0x26070000 ^ Math.imul(n, 0x9e3779b1))}:${word(n)}::1`,
    ).filter((ip) => /^2[0-9a-f]{3}:/.test(ip))
    expect(alike.length).toBeGreaterThan(2)
    for (const ip of alike) expect([ip, limits.add(ip), limits.add(ip)]).toEqual([ip, undefined, 'ip6/64'])
    for (const [n, ip] of alike.entries()) {
      limits.remove(ip)
      expect(alike.map((other) => limits.count(other))).toEqual(alike.map((_, other) => (other <= n ? 0 : 1)))
    }
  })

  it('count nothing of a family that has no rule', () => {
    const limits = createSubnetLimits({ rules: [{ family: 4, bits: 24, max: 1 }] })
    for (let n = 0; n < 10; n++) expect(limits.add('2607::1')).toBeUndefined()
    expect(limits.size).toBe(0)
  })

  it('refuse rules that cannot be', () => {
    for (const rule of [
      { family: 4, bits: 0, max: 1 },
      { family: 4, bits: 33, max: 1 },
      { family: 6, bits: 65, max: 1 },
      { family: 6, bits: 1.5, max: 1 },
      { family: 6, bits: 64, max: 0 },
    ] as const) {
      expect(() => createSubnetLimits({ rules: [rule] })).toThrow(RangeError)
    }
  })
})
