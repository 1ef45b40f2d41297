import { describe, expect, it } from 'vitest'
import { decodeSntpPacket, encodeSntpPacket, ntpFromUnixMs, type SntpPacket, unixMsFromNtp } from '../src/index.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))

describe('SNTP packets', () => {
  // Put together by hand from the layout of RFC 4330, section 4: a server of stratum 2, with 15.625 ms and 31.25 ms.
  const bytes = hex(
    '240206ec' +
      '00000400' +
      '00000800' +
      'c0000201' +
      'e88f5e0000000000' +
      'e88f5e1040000000' +
      'e88f5e1180000000' +
      'e88f5e11c0000000',
  )
  const packet: SntpPacket = {
    leap: 0,
    version: 4,
    mode: 4,
    stratum: 2,
    poll: 6,
    precision: -20,
    rootDelayMs: 15.625,
    rootDispersionMs: 31.25,
    referenceId: Uint8Array.of(192, 0, 2, 1),
    referenceTime: 0xe88f5e0000000000n,
    originTime: 0xe88f5e1040000000n,
    receiveTime: 0xe88f5e1180000000n,
    transmitTime: 0xe88f5e11c0000000n,
  }

  it('are laid out as RFC 4330 has it', () => {
    expect(decodeSntpPacket(bytes)).toEqual(packet)
    expect(encodeSntpPacket(packet)).toEqual(bytes)
    expect(decodeSntpPacket(bytes.subarray(0, 47))).toBeUndefined()
  })

  it.each([
    ['leap', { leap: 4 }],
    ['version', { version: 8 }],
    ['mode', { mode: -1 }],
    ['stratum', { stratum: 256 }],
    ['poll', { poll: 1.5 }],
    ['rootDelayMs', { rootDelayMs: 32_768_000 }],
    ['rootDispersionMs', { rootDispersionMs: -1 }],
    ['referenceId', { referenceId: new Uint8Array(3) }],
    ['transmitTime', { transmitTime: 2n ** 64n }],
    ['originTime', { originTime: -1n }],
  ] as const)('refuse a value of %s that does not fit', (name, wrong) => {
    expect(() => encodeSntpPacket({ ...packet, ...wrong })).toThrow(RangeError)
    expect(() => encodeSntpPacket({ ...packet, ...wrong })).toThrow(name)
  })
})

describe('NTP times', () => {
  it.each([
    // RFC 4330, section 3, and RFC 5905, figure 4.
    ['1970-01-01T00:00:00Z', 2_208_988_800n << 32n],
    ['1999-12-31T00:00:00Z', 3_155_587_200n << 32n],
    ['2036-02-07T06:28:15Z', 0xffffffffn << 32n],
    ['2036-02-07T06:28:16Z', 0n],
    ['2036-02-07T06:28:17.500Z', (1n << 32n) | 0x80000000n],
  ])('%s is %i', (date, ntp) => {
    expect(ntpFromUnixMs(Date.parse(date))).toBe(ntp)
    expect(unixMsFromNtp(ntp)).toBe(Date.parse(date))
  })

  it('a little before a full second is no second too early', () => {
    expect(ntpFromUnixMs(-Number.MIN_VALUE)).toBe(ntpFromUnixMs(0))
  })
})
