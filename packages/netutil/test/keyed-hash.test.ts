import { createSeededRandom } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { createKeyedHash } from '../src/keyed-hash.ts'

const keys = 16_384
const bits = 14

type Choice = [string, (n: number) => [number, number]]

// What senders could choose: neighbours, and strides of each power of two, in either word or both.
const choices = Array.from({ length: 19 }, (_, shift): Choice[] => [
  [`steps of 2^${shift} in the first word`, (n) => [n << shift, 0]],
  [`steps of 2^${shift} in the second word`, (n) => [0, n << shift]],
  [`steps of 2^${shift} in both`, (n) => [n << shift, n << shift]],
]).flat()

test.each(choices)('keys do not gather in one chain: %s', (_, choose) => {
  for (let seed = 0; seed < 3; seed++) {
    const hash = createKeyedHash(createSeededRandom(seed))
    const chains = new Uint32Array(2 ** bits)
    for (let n = 0; n < keys; n++) {
      const chain = hash(...choose(n), 4) >>> (32 - bits)
      chains[chain] = (chains[chain] ?? 0) + 1
    }
    // A random function has a longest chain of about 8.
    expect(Math.max(...chains)).toBeLessThan(40)
  }
})

test('the keys of one table say nothing of another', () => {
  const [first, second] = [createKeyedHash(createSeededRandom(1)), createKeyedHash(createSeededRandom(2))]
  const together = Array.from({ length: 2 ** 18 }, (_, n) => n).filter((n) => first(n, 0, 4) >>> 18 === 0)
  const chains = new Set(together.map((n) => second(n, 0, 4) >>> 18))
  expect(together.length).toBeGreaterThan(8)
  expect(chains.size).toBeGreaterThan(together.length * 0.8)
})
