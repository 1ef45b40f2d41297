import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ipFromBytes, parseIp, toIp } from '../src/index.ts'

describe('addresses', () => {
  // The examples of RFC 5952, sections 4 and 5, and of RFC 4291, section 2.2.
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:a00:1', '10.0.0.1'],
    ['::1.2.3.4', '::102:304'],
    ['::0.0.0.1', '::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseIp(text)?.text).toBe(canonical)
  })

  it.each([
    '',
    '1.2.3',
    '127.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.256',
    '1.2.3.4.5',
    ' 1.2.3.4',
    '1.2.3.4/8',
    'localhost',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7::8',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.4:5',
    '1::2:',
    'fe80::1%eth0',
    '::ffff:010.0.0.1',
    '[::1]',
    `${'0'.repeat(50)}::`,
  ])('does not take %j for an address', (text) => {
    expect(parseIp(text)).toBeUndefined()
    expect(() => toIp(text)).toThrow(TypeError)
  })

  it('takes 4 or 16 bytes and no other number', () => {
    expect(ipFromBytes(Uint8Array.of(10, 0, 0, 1))).toEqual({
      family: 4,
      bytes: Uint8Array.of(10, 0, 0, 1),
      text: '10.0.0.1',
    })
    for (const length of [0, 3, 5, 15, 17]) expect(() => ipFromBytes(new Uint8Array(length))).toThrow(RangeError)
  })

  it('comes back the same from its bytes and from its text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
        (bytes) => {
          const ip = ipFromBytes(bytes)
          expect(parseIp(ip.text)).toEqual(ip)
          expect(ipFromBytes(ip.bytes)).toEqual(ip)
        },
      ),
    )
  })

  it('never throws on text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6()), (text) => void parseIp(text)))
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        expect(parseIp(text)).toBeDefined()
      }),
    )
  })
})
