import { compareDistance } from '@ethwire/kbucket'

/** How many on each side of the target's place are compared: nearest by exclusive or are near in order, but not only. */
const window = 64

/** IDs among which the nearest to a target are found without looking at each. */
export interface ClosestIndex<T> {
  /** The `count` nearest, the nearest first; exact unless IDs are very unevenly spread. */
  closest(targetId: Uint8Array, count: number): T[]
}

function compareIds(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index++) {
    const difference = a[index]! - b[index]!
    if (difference !== 0) return difference
  }
  return 0
}

export function createClosestIndex<T>(items: readonly T[], idOf: (item: T) => Uint8Array): ClosestIndex<T> {
  const sorted = items.toSorted((a, b) => compareIds(idOf(a), idOf(b)))
  const placeOf = (id: Uint8Array): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareIds(idOf(sorted[middle]!), id) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    closest(targetId, count) {
      const place = placeOf(targetId)
      return sorted
        .slice(Math.max(0, place - window), place + window)
        .sort((a, b) => compareDistance(targetId, idOf(a), idOf(b)))
        .slice(0, count)
    },
  }
}
