/** The checksum of nothing. */
export const crc32Start = 0

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

/** Goes on with an IEEE CRC-32, as EIP-2124 asks: the sum over all bytes so far. */
export function crc32(sum: number, bytes: Uint8Array): number {
  let value = ~sum
  for (const byte of bytes) value = (table[(value ^ byte) & 0xff] as number) ^ (value >>> 8)
  return ~value >>> 0
}
