import { describe, expect, it } from 'vitest'
import { isLan, isLinkLocal, isLoopback, isMulticast, isPrivate, isSpecial, isUnspecified } from '../src/index.ts'

describe('ranges', () => {
  it.each([
    [isUnspecified, ['0.0.0.0', '::'], ['0.0.0.1', '::1']],
    [isLoopback, ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1'], ['128.0.0.0', '126.255.255.255', '::2']],
    [
      isPrivate,
      ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.3.4', 'fc00::1', 'fdff::1'],
      ['11.0.0.0', '172.15.255.255', '172.32.0.0', '192.169.0.0', 'fe00::1', 'fbff::1'],
    ],
    [isLinkLocal, ['169.254.1.1', 'fe80::1', 'febf::1'], ['169.255.0.0', 'fec0::1']],
    [isMulticast, ['224.0.0.1', '239.255.255.255', 'ff02::1'], ['223.255.255.255', '240.0.0.0', 'fe00::1']],
    [
      isLan,
      ['127.0.0.1', '10.1.1.1', '169.254.1.1', 'fe80::1', 'fd00::1', '::ffff:192.168.0.1'],
      ['8.8.8.8', '2607::1'],
    ],
    [
      isSpecial,
      [
        '0.0.0.1',
        '192.0.0.7',
        '192.0.0.171',
        '192.0.2.1',
        '192.88.99.1',
        '198.19.255.255',
        '203.0.113.0',
        '255.255.255.255',
        '224.0.0.1',
        'ff02::1',
        '100::1',
        '2001::1',
        '2001:4:112::1',
        '2001:2f:ffff::',
        '2001:db8::1',
        '2002:1::',
        '::ffff:203.0.113.1',
      ],
      [
        '192.0.0.8',
        '192.0.0.172',
        '192.0.3.1',
        '198.20.0.0',
        '240.0.0.1',
        '10.0.0.1',
        '127.0.0.1',
        '2001:30::',
        '2003::',
      ],
    ],
  ] as const)('%s has its ends inside and its neighbours outside', (contains, inside, outside) => {
    for (const address of inside) expect([address, contains(address)]).toEqual([address, true])
    for (const address of outside) expect([address, contains(address)]).toEqual([address, false])
  })

  it('throw for what is no address', () => {
    expect(() => isLan('localhost')).toThrow(TypeError)
  })
})
