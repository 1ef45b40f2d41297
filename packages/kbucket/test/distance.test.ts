import { bucketIndex, compareDistance, logDistance } from '@ethwire/kbucket'
import { describe, expect, test } from 'vitest'
import { idAt, self } from './nodes.ts'

describe('distances', () => {
  test('the logarithmic distance is 0 for the same ID and 256 where the first bit differs', () => {
    expect(logDistance(self, self)).toBe(0)
    const last = new Uint8Array(32).fill(1, 31)
    expect(logDistance(self, last)).toBe(1)
    for (const distance of [33, 100, 239, 240, 241, 249, 255, 256]) {
      expect(logDistance(self, idAt(distance, 5))).toBe(distance)
      expect(logDistance(idAt(distance, 5), self)).toBe(distance)
    }
  })

  test.each([
    [256, 16],
    [255, 15],
    [241, 1],
    [240, 0],
    [239, 0],
    [100, 0],
    [0, 0],
  ])('distance %i belongs to bucket %i', (distance, bucket) => {
    expect(bucketIndex(self, distance === 0 ? self : idAt(distance, 0))).toBe(bucket)
  })

  test('of two IDs the nearer by exclusive or comes first', () => {
    const [near, far, target] = [idAt(240, 1), idAt(256, 1), idAt(240, 0)]
    expect(compareDistance(target, near, far)).toBeLessThan(0)
    expect(compareDistance(target, far, near)).toBeGreaterThan(0)
    expect(compareDistance(target, near, near.slice())).toBe(0)
    expect([far, near].sort((a, b) => compareDistance(target, a, b))).toEqual([near, far])
  })

  test('an ID that has not 32 bytes is the caller’s mistake', () => {
    const short = new Uint8Array(31)
    for (const call of [
      () => logDistance(self, short),
      () => compareDistance(self, self, short),
      () => bucketIndex(short, self),
    ]) {
      expect(call).toThrow(new RangeError('expected an ID of 32 bytes, got 31'))
    }
  })
})
