import { encodeUint } from '@ethwire/rlp-codec'

/** A snappy block of so many zeros, or of a beginning and zeros: 3 bytes for each 64, the most that there is. */
export function snappyBomb(length: number, beginning: Uint8Array = new Uint8Array(1)): Uint8Array {
  const copies = Math.floor((length - beginning.length) / 64)
  const literal = length - copies * 64
  const block = new Uint8Array(16 + literal + 3 * copies)
  let at = 0
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    block[at++] = rest >= 128 ? (rest & 127) | 128 : rest
    if (rest < 128) break
  }
  // A literal of up to 2^32 bytes, its length in four; it ends in a zero, which the copies repeat.
  block[at++] = 63 << 2
  for (let index = 0; index < 4; index++) block[at++] = ((literal - 1) >>> (8 * index)) & 255
  block.set(beginning.subarray(0, literal), at)
  at += literal
  for (let index = 0; index < copies; index++) {
    block[at++] = (63 << 2) | 2
    block[at++] = 1
    block[at++] = 0
  }
  return block.subarray(0, at)
}

/** The header of an RLP list whose payload has so many bytes. */
export function listHeader(length: number): Uint8Array {
  const size = encodeUint(length)
  const bytes = size.length > 1 ? size.subarray(1) : size
  return Uint8Array.from([0xf7 + bytes.length, ...bytes])
}

/** Lists in lists, so many deep. */
export function nestedLists(depth: number): Uint8Array {
  const headers: Uint8Array[] = []
  let length = 0
  for (let level = 0; level < depth; level++) {
    const header = length < 56 ? Uint8Array.of(0xc0 + length) : listHeader(length)
    headers.push(header)
    length += header.length
  }
  return Uint8Array.from(Buffer.concat(headers.toReversed()))
}

export const unhex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
