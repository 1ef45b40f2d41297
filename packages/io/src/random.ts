/** Randomness as a package sees it. Real implementations are cryptographically strong; seeded ones are for tests. */
export interface Random {
  /** `length` random bytes in a new array. */
  bytes(length: number): Uint8Array
}

/** A uniform integer in `[0, bound)`; `bound` is at most 2^32. */
export function randomInteger(random: Random, bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
    throw new RangeError(`bound must be an integer from 1 to 2^32, got ${bound}`)
  }
  // The topmost incomplete span of 2^32 is drawn again, else low values would come more often.
  const limit = 2 ** 32 - (2 ** 32 % bound)
  for (;;) {
    const bytes = random.bytes(4)
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
    if (value < limit) return value % bound
  }
}

/** A uniform number in `[0, 1)` with 32 bits of resolution. */
export function randomFraction(random: Random): number {
  return randomInteger(random, 2 ** 32) / 2 ** 32
}
