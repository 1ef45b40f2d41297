import { compareDistance } from '@ethwire/kbucket'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { createClosestIndex } from '../src/closest-index.ts'

describe('an index of IDs', () => {
  it.each([0, 1, 5, 100, 3000])('finds the nearest of %i as sorting all would', (count) => {
    const random = createSeededRandom(count)
    const ids = Array.from({ length: count }, () => random.bytes(32))
    const index = createClosestIndex(ids, (id) => id)
    for (let tries = 0; tries < 100; tries++) {
      const target = random.bytes(32)
      expect(index.closest(target, 16)).toEqual(ids.toSorted((a, b) => compareDistance(target, a, b)).slice(0, 16))
    }
  })
})
