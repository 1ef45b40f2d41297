import { describe, expect, test } from 'vitest'
import { tableLimits } from '../src/index.ts'

const { groupOf, rules } = tableLimits((ip: string) => ip)
const kinds = (a: string, b: string): string[] => rules.filter((rule) => rule.isSameKind(a, b)).map(({ name }) => name)

describe('the limits of a routing table', () => {
  test('case 12: ten nodes of an IPv4 /24 and an IPv6 /64, two of them in a bucket; twenty and four of a /48', () => {
    expect(rules.map(({ name, ofTable, ofBucket }) => [name, ofTable, ofBucket])).toEqual([
      ['ip4/24', 10, 2],
      ['ip6/64', 10, 2],
      ['ip6/48', 20, 4],
    ])
  })

  test.each([
    ['8.8.8.1', '8.8.8.254', ['ip4/24']],
    ['8.8.8.1', '8.8.9.1', []],
    ['8.8.8.1', '::ffff:8.8.8.9', ['ip4/24']],
    ['2a00:1:2:3::1', '2a00:1:2:3:ffff::2', ['ip6/64', 'ip6/48']],
    ['2a00:1:2:3::1', '2a00:1:2:4::1', ['ip6/48']],
    ['2a00:1:2:3::1', '2a00:1:3:3::1', []],
    ['8.8.8.1', '808:801::1', []],
    ['808:801::1', '8.8.8.1', []],
  ])('%s and %s are in one network for %j', (a, b, names) => {
    expect(kinds(a, b)).toEqual(names)
    expect(kinds(b, a)).toEqual(names)
    if (names.length > 0) expect(groupOf(a)).toBe(groupOf(b))
  })

  test.each(['127.0.0.1', '10.1.2.3', '192.168.0.1', '172.16.0.1', '169.254.1.1', '::1', 'fe80::1', 'fd00::1'])(
    '%s is not counted',
    (ip) => {
      expect(groupOf(ip)).toBeUndefined()
    },
  )

  test('networks are told apart', () => {
    const groups = new Set(['8.8.8.8', '8.8.9.8', '9.8.8.8', '2a00:1:2::1', '2a00:1:3::1', '2a00:2:2::1'].map(groupOf))
    expect(groups.size).toBe(6)
  })
})
