import type { Random } from '@ethwire/io'

/**
 * Random bytes that are the same for the same seed: the generator sfc32, seeded through splitmix32.
 * For tests only; nothing about it is secret.
 */
export function createSeededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`the seed must be a safe integer, got ${seed}`)
  let state = seed | 0
  const split = (): number => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  state = split() ^ Math.floor(seed / 2 ** 32)
  let a = split()
  let b = split()
  let c = split()
  let counter = 1
  const next = (): number => {
    const result = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + result) | 0
    return result
  }
  for (let round = 0; round < 12; round++) next()
  return {
    bytes(length) {
      const bytes = new Uint8Array(length)
      let word = 0
      for (let offset = 0; offset < length; offset++) {
        word = (offset & 3) === 0 ? next() : word >>> 8
        bytes[offset] = word
      }
      return bytes
    },
  }
}
