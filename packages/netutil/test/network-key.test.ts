import { describe, expect, test } from 'vitest'
import { networkKey, parseIp } from '../src/index.ts'

describe('the key of a network', () => {
  test('is the same for all that one host may have, and for nobody else', () => {
    expect(networkKey('192.0.2.1')).toBe('192.0.2.1')
    expect(networkKey('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(networkKey('2001:db8:0:1:ffff::1')).toBe('2001:db8:0:1::/64')
    expect(networkKey('2001:db8:0:1::2')).toBe(networkKey('2001:db8:0:1:ffff::1'))
    expect(networkKey('2001:db8:0:2::2')).not.toBe(networkKey('2001:db8:0:1::2'))
  })

  test('is of as many bits as are asked for', () => {
    const subnets = { bits4: 24, bits6: 48 }
    expect(networkKey('192.0.2.77', subnets)).toBe('192.0.2.0/24')
    expect(networkKey('2001:db8:7:1::2', subnets)).toBe('2001:db8:7::/48')
    expect(networkKey('2001:db8::2', { bits6: 128 })).toBe('2001:db8::2')
    // Not to be taken for an address of IPv4.
    expect(networkKey('2001:db8::2', { bits6: 32 })).toBe('2001:db8::/32')
    expect(networkKey('10.1.2.3', { bits4: 0 })).toBe('0.0.0.0/0')
  })

  test('is of an address that was read already, too, and of nothing else', () => {
    const ip = parseIp('2001:db8::1')
    expect(ip && networkKey(ip)).toBe('2001:db8::/64')
    expect(() => networkKey('host.example')).toThrow(TypeError)
  })
})
