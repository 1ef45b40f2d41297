import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLan, isLoopback, isSpecial, isUnspecified, parseIp, relayRefusal } from '../src/index.ts'
import { anyIp } from './arbitraries.ts'

describe('relay rules', () => {
  it.each([
    ['127.0.0.1', '127.0.0.2', undefined],
    ['::1', '127.0.0.2', undefined],
    ['127.0.0.1', '192.168.0.1', undefined],
    ['127.0.0.1', '8.8.8.8', undefined],
    ['192.168.0.1', '10.0.0.1', undefined],
    ['192.168.0.1', 'fd00::1', undefined],
    ['fe80::1', '192.168.0.1', undefined],
    ['192.168.0.1', '8.8.8.8', undefined],
    ['8.8.8.8', '9.9.9.9', undefined],
    ['8.8.8.8', '2607::1', undefined],
    ['192.168.0.1', '127.0.0.1', 'loopback'],
    ['8.8.8.8', '127.0.0.1', 'loopback'],
    ['8.8.8.8', '::1', 'loopback'],
    ['8.8.8.8', '::ffff:127.0.0.1', 'loopback'],
    ['8.8.8.8', '10.0.0.1', 'lan'],
    ['8.8.8.8', '169.254.0.1', 'lan'],
    ['2607::1', 'fd00::1', 'lan'],
    ['127.0.0.1', '0.0.0.0', 'unspecified'],
    ['127.0.0.1', '::', 'unspecified'],
    ['127.0.0.1', '0.0.0.1', 'special'],
    ['127.0.0.1', '224.0.0.1', 'special'],
    ['127.0.0.1', '255.255.255.255', 'special'],
    ['8.8.8.8', '203.0.113.1', 'special'],
    ['8.8.8.8', '2001:db8::1', 'special'],
    ['127.0.0.1', 'localhost', 'invalid'],
    ['127.0.0.1', '', 'invalid'],
  ])('case 11: %s tells of %s: %s', (sender, address, refusal) => {
    expect(relayRefusal(sender, address)).toBe(refusal)
    const [from, to] = [parseIp(sender), parseIp(address)]
    if (from !== undefined && to !== undefined) expect(relayRefusal(from, to)).toBe(refusal)
  })

  it('let through what is special to nobody, and nothing else', () => {
    fc.assert(
      fc.property(anyIp, anyIp, (sender, address) => {
        const passes =
          !isUnspecified(address) &&
          !isSpecial(address) &&
          (!isLoopback(address) || isLoopback(sender)) &&
          (!isLan(address) || isLan(sender))
        expect(relayRefusal(sender, address) === undefined).toBe(passes)
      }),
    )
  })

  it('ask for a sender that is an address', () => {
    expect(() => relayRefusal('localhost', '8.8.8.8')).toThrow(TypeError)
  })
})
