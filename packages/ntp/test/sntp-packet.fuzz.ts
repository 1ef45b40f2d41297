import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSntpPacket, encodeSntpPacket, ntpFromUnixMs, sntpPacketBytes, unixMsFromNtp } from '../src/index.ts'

const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const packet = fc.record({
  leap: fc.nat({ max: 3 }),
  version: fc.nat({ max: 7 }),
  mode: fc.nat({ max: 7 }),
  stratum: fc.nat({ max: 255 }),
  poll: fc.integer({ min: -128, max: 127 }),
  precision: fc.integer({ min: -128, max: 127 }),
  rootDelayMs: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((units) => units / (65_536 / 1000)),
  rootDispersionMs: fc.nat({ max: 2 ** 32 - 1 }).map((units) => units / (65_536 / 1000)),
  referenceId: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  referenceTime: time,
  originTime: time,
  receiveTime: time,
  transmitTime: time,
})

test('a packet that is written is read as it was', () => {
  fc.assert(
    fc.property(packet, fc.uint8Array({ maxLength: 40 }), (value, tail) => {
      const bytes = encodeSntpPacket(value)
      expect(bytes).toHaveLength(sntpPacketBytes)
      expect(decodeSntpPacket(bytes)).toEqual(value)
      expect(decodeSntpPacket(Uint8Array.from([...bytes, ...tail]))).toEqual(value)
    }),
    { numRuns: 1000 },
  )
})

test('any 48 bytes are a packet, and are written as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100, size: 'max' }), (bytes) => {
      const value = decodeSntpPacket(bytes)
      if (value === undefined) expect(bytes.length).toBeLessThan(sntpPacketBytes)
      else expect(encodeSntpPacket(value)).toEqual(bytes.slice(0, sntpPacketBytes))
    }),
    { numRuns: 1000 },
  )
})

test('times from 1968 to 2104 are what they were, to the millisecond and less', () => {
  const [from, to] = [Date.UTC(1968, 0, 21), Date.UTC(2104, 1, 26)]
  const ms = fc.oneof(
    fc.integer({ min: from, max: to }),
    fc.double({ min: from, max: to, noNaN: true }),
    fc.constantFrom(0, from, to, Date.UTC(2036, 1, 7, 6, 28, 15), Date.UTC(2036, 1, 7, 6, 28, 16)),
  )
  fc.assert(
    fc.property(ms, (unixMs) => {
      const ntp = ntpFromUnixMs(unixMs)
      expect(BigInt.asUintN(64, ntp)).toBe(ntp)
      expect(Math.abs(unixMsFromNtp(ntp) - unixMs)).toBeLessThan(0.001)
    }),
    { numRuns: 2000 },
  )
})
