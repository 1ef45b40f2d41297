import fc from 'fast-check'
import { type IpAddress, ipFromBytes } from '../src/index.ts'

const interesting = [
  [127, 0, 0, 1],
  [10, 0, 0, 1],
  [192, 168, 1, 1],
  [0, 0, 0, 0],
  [203, 0, 113, 9],
  [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1],
].map((bytes) => Uint8Array.from(bytes))

/** Bytes of addresses: any, with runs of zeros, and those of special ranges. */
export const ipBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((bytes) => Uint8Array.from(bytes)),
  fc.constantFrom(...interesting),
)

export const anyIp: fc.Arbitrary<IpAddress> = ipBytes.map(ipFromBytes)
