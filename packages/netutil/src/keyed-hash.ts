import { type Random, randomInteger } from '@ethwire/io'

/** A hash of three words that spreads over its upper bits. */
export type KeyedHash = (first: number, second: number, third: number) => number

/**
 * A hash with keys of its own, or else senders could forge addresses that all hash alike, and make each lookup slow. It is
 * for short tables whose lookups nobody outside can time; it is no message authentication.
 */
export function createKeyedHash(random: Random): KeyedHash {
  const key = (): number => randomInteger(random, 2 ** 32) | 0
  const start = key()
  const [firstFactor, secondFactor, lastFactor] = [key() | 1, key() | 1, key() | 1]
  return (first, second, third) => {
    let mixed = Math.imul(first ^ start, firstFactor)
    mixed = Math.imul(second ^ mixed ^ (mixed >>> 15), secondFactor)
    return Math.imul(third ^ mixed ^ (mixed >>> 13), lastFactor)
  }
}
