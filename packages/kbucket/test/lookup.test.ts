import { compareDistance, createLookup, createTable, type Lookup, type LookupOptions } from '@ethwire/kbucket'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { hex, idAt } from './nodes.ts'

const target = new Uint8Array(32)
/** The farther, the larger. */
const at = (n: number): Uint8Array => idAt(256, n)
const numberOf = (id: Uint8Array): number => new DataView(id.buffer).getUint32(28)

function create(start: readonly number[], options: Partial<LookupOptions<Uint8Array>> = {}): Lookup<Uint8Array> {
  return createLookup({ target, start: start.map(at), idOf: (id) => id, keyOf: hex, ...options })
}

/** All that may be asked now. */
function take(lookup: Lookup<Uint8Array>): number[] {
  const taken: number[] = []
  for (let id = lookup.next(); id !== undefined; id = lookup.next()) taken.push(numberOf(id))
  return taken
}

const answer = (lookup: Lookup<Uint8Array>, from: number, found: readonly number[]): number[] =>
  lookup.answered(hex(at(from)), found.map(at)).map(numberOf)

describe('a lookup', () => {
  test('asks the three nearest first, and then whoever is nearest of those known', () => {
    const lookup = create([9, 5, 7, 3, 8])
    expect(take(lookup)).toEqual([3, 5, 7])
    expect([lookup.pending, lookup.queries]).toEqual([3, 3])
    expect(answer(lookup, 7, [1, 3, 20])).toEqual([1, 20])
    expect(take(lookup)).toEqual([1])
    lookup.failed(hex(at(3)))
    expect(take(lookup)).toEqual([8])
  })

  test('takes in whom it is told to, and asks about each once', () => {
    const asked: number[] = []
    const lookup = create([2, 4], {
      accepts: (id) => {
        asked.push(numberOf(id))
        return numberOf(id) % 3 !== 0
      },
    })
    take(lookup)
    expect(answer(lookup, 2, [1, 3, 4, 6])).toEqual([1])
    expect(answer(lookup, 4, [3, 5])).toEqual([5])
    expect(take(lookup)).toEqual([1, 5])
    expect(lookup.result().map(numberOf)).toEqual([1, 2, 4, 5])
    expect(asked).toEqual([2, 4, 1, 3, 6, 5])
  })

  test('ends when of the nearest none is left to ask, and has them all by distance', () => {
    const lookup = create([4, 2])
    expect(take(lookup)).toEqual([2, 4])
    answer(lookup, 2, [1, 3])
    expect(lookup.isDone).toBe(false)
    expect(take(lookup)).toEqual([1, 3])
    for (const n of [4, 1, 3]) answer(lookup, n, [1, 2, 3, 4])
    expect([lookup.isDone, lookup.pending, take(lookup)]).toEqual([true, 0, []])
    expect(lookup.result().map(numberOf)).toEqual([1, 2, 3, 4])
  })

  test('keeps sixteen, and does not ask those that fell out', () => {
    const lookup = create([100], { alpha: 1 })
    take(lookup)
    answer(
      lookup,
      100,
      Array.from({ length: 16 }, (_, n) => 50 + n),
    )
    expect(take(lookup)).toEqual([50])
    answer(lookup, 50, [1, 2, 3])
    expect(lookup.result().map(numberOf)).toEqual([1, 2, 3, ...Array.from({ length: 13 }, (_, n) => 50 + n)])
    let asked = 2
    while (!lookup.isDone) for (const n of take(lookup)) asked += answer(lookup, n, []).length + 1
    expect([asked, lookup.queries]).toEqual([17, 17])
  })

  test('with nobody to ask is done at once', () => {
    const lookup = create([])
    expect([lookup.isDone, lookup.next(), lookup.result(), lookup.hops]).toEqual([true, undefined, [], 0])
  })

  test('neither asks nor finds the node itself', () => {
    const lookup = create([1, 2], { self: hex(at(1)) })
    expect(take(lookup)).toEqual([2])
    expect(answer(lookup, 2, [1, 2])).toEqual([])
    expect(lookup.result().map(numberOf)).toEqual([2])
  })

  test('takes an answer once, and none of those who were not asked', () => {
    const lookup = create([1])
    expect(answer(lookup, 1, [3])).toEqual([])
    take(lookup)
    expect(answer(lookup, 2, [3])).toEqual([])
    expect(answer(lookup, 1, [4])).toEqual([4])
    expect(answer(lookup, 1, [5])).toEqual([])
    lookup.failed(hex(at(1)))
    expect(lookup.result().map(numberOf)).toEqual([1, 4])
  })

  test('of a long answer considers the first sixteen, and of the same node twice one', () => {
    const lookup = create([200])
    take(lookup)
    expect(answer(lookup, 200, [...Array(15).fill(7), 8, 1, 2])).toEqual([7, 8])
  })

  test('counts the hops to the nearest', () => {
    const lookup = create([8])
    for (const [n, found] of [
      [8, 6],
      [6, 5],
      [5, 9],
    ] as const) {
      expect(lookup.next()).toEqual(at(n))
      answer(lookup, n, [found])
    }
    expect(lookup.hops).toBe(2)
  })

  test('refuses numbers that make no sense', () => {
    for (const options of [{ alpha: 0 }, { resultSize: 0 }, { maxQueries: Number.NaN }]) {
      expect(() => create([1], options)).toThrow(RangeError)
    }
    expect(() => create([1], { target: new Uint8Array(20) })).toThrow(RangeError)
  })

  test('finds the true closest of 1,000 nodes with tables, within a few hops', () => {
    const random = createSeededRandom(5)
    const ids = Array.from({ length: 1000 }, () => random.bytes(32))
    const tables = new Map(
      ids.map((self) => {
        const table = createTable<Uint8Array>({ self, idOf: (id) => id, random })
        for (const id of ids) table.add(id, 0)
        return [hex(self), table]
      }),
    )
    for (let round = 0; round < 50; round++) {
      const wanted = random.bytes(32)
      const start = tables.get(hex(ids[round]!))!.closest(wanted, 16)
      const lookup = createLookup({ target: wanted, start, idOf: (id) => id, keyOf: hex, self: hex(ids[round]!) })
      while (!lookup.isDone) {
        const node = lookup.next()!
        lookup.answered(hex(node), tables.get(hex(node))!.tellable(wanted, 16))
      }
      const others = ids.filter((id) => id !== ids[round])
      const nearest = others.sort((a, b) => compareDistance(wanted, a, b)).slice(0, 16)
      expect(lookup.result().map(hex)).toEqual(nearest.map(hex))
      expect(lookup.hops).toBeLessThanOrEqual(5)
    }
  })
})
