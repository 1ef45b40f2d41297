import { compareDistance, createLookup } from '@ethwire/kbucket'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hex } from './nodes.ts'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('a lookup over any graph ends, asks each node once and three at a time, and keeps the nearest it saw', () => {
  const graph = fc.uniqueArray(id, { minLength: 1, maxLength: 60, selector: hex }).chain((nodes) =>
    fc.record({
      nodes: fc.constant(nodes),
      // What each says, by number; nobody need say the truth, or anything.
      answers: fc.array(fc.option(fc.array(fc.nat({ max: nodes.length - 1 }), { maxLength: 20 }), { freq: 4 }), {
        minLength: nodes.length,
        maxLength: nodes.length,
      }),
      start: fc.array(fc.nat({ max: nodes.length - 1 }), { maxLength: 5 }),
    }),
  )
  const sizes = fc.record({
    alpha: fc.integer({ min: 1, max: 4 }),
    resultSize: fc.integer({ min: 1, max: 16 }),
    maxQueries: fc.integer({ min: 1, max: 80 }),
  })
  // Which of the open queries ends next.
  const order = fc.infiniteStream(fc.nat({ max: 3 }))
  fc.assert(
    fc.property(id, graph, sizes, order, (target, { nodes, answers, start }, options, next) => {
      const numbers = new Map(nodes.map((node, number) => [hex(node), number]))
      const first = start.map((number) => nodes[number]!)
      const lookup = createLookup({ target, start: first, idOf: (node) => node, keyOf: hex, ...options })
      const seen = new Set(first.map(hex))
      const asked: string[] = []
      const open: string[] = []
      while (!lookup.isDone) {
        for (let node = lookup.next(); node !== undefined; node = lookup.next()) {
          asked.push(hex(node))
          open.push(hex(node))
        }
        expect(open.length).toBe(lookup.pending)
        expect(open.length).toBeGreaterThan(0)
        expect(open.length).toBeLessThanOrEqual(options.alpha)
        const [key = ''] = open.splice(next.next().value % open.length, 1)
        const answer = answers[numbers.get(key)!]
        if (answer === null || answer === undefined) lookup.failed(key)
        else {
          const found = answer.map((number) => nodes[number]!)
          const fresh = new Set(
            found
              .slice(0, options.resultSize)
              .map(hex)
              .filter((each) => !seen.has(each)),
          )
          expect(new Set(lookup.answered(key, found).map(hex))).toEqual(fresh)
          for (const each of fresh) seen.add(each)
        }
      }
      expect(lookup.next()).toBeUndefined()
      expect(new Set(asked).size).toBe(asked.length)
      expect(lookup.queries).toBe(asked.length)
      expect(asked.length).toBeLessThanOrEqual(options.maxQueries)
      const nearest = nodes
        .filter((node) => seen.has(hex(node)))
        .sort((a, b) => compareDistance(target, a, b))
        .slice(0, options.resultSize)
        .map(hex)
      expect(lookup.result().map(hex)).toEqual(nearest)
      if (asked.length < options.maxQueries) expect(nearest.every((key) => asked.includes(key))).toBe(true)
    }),
  )
})
