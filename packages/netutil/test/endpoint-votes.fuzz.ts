import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEndpointVotes, isLan } from '../src/index.ts'

const minute = 60_000
const endpoints = [
  { ip: '1.2.3.4', port: 1 },
  { ip: '1.2.3.4', port: 2 },
  { ip: '5.6.7.8', port: 1 },
]
// Few networks and few hosts in each, of which those of the local network are voters of their own.
const host = fc
  .tuple(fc.constantFrom('8.8.8', '8.8.9', '9.8.8', '192.168.0', '127.0.0'), fc.integer({ min: 1, max: 3 }))
  .map(([network, last]) => `${network}.${last}`)
const step = fc.record({
  host,
  endpoint: fc.constantFrom(...endpoints),
  waitMs: fc.nat({ max: 2 * minute }),
  isContact: fc.boolean(),
})

test('votes are counted as a list of the last statements would be', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 5 * minute), (steps, changeIntervalMs) => {
      const votes = createEndpointVotes({ minHosts: 2, changeIntervalMs })
      const last = new Map<string, { endpoint: (typeof endpoints)[number]; atMs: number; isUnasked: boolean }>()
      const contacts = new Map<string, number>()
      let nowMs = 0
      let shown: { ip: string; port: number } | undefined
      let changedAtMs = Number.NEGATIVE_INFINITY
      for (const { host: from, endpoint, waitMs, isContact } of steps) {
        nowMs += waitMs
        if (isContact) {
          votes.addContact(from, nowMs)
          contacts.set(from, nowMs)
        } else {
          expect(votes.addStatement(from, endpoint, nowMs)).toBeUndefined()
          const voter = isLan(from) ? from : from.slice(0, from.lastIndexOf('.'))
          const contactedAtMs = contacts.get(from) ?? Number.NEGATIVE_INFINITY
          last.set(voter, { endpoint, atMs: nowMs, isUnasked: nowMs - contactedAtMs > 10 * minute })
        }
        const current = [...last.values()].filter(({ atMs }) => nowMs - atMs <= 5 * minute)
        expect(votes.isFullCone(nowMs)).toBe(current.some(({ isUnasked }) => isUnasked))

        const count = (of: unknown): number => current.filter(({ endpoint: voted }) => voted === of).length
        const most = Math.max(...endpoints.map(count))
        const winners = most < 2 ? [undefined] : endpoints.filter((candidate) => count(candidate) === most)
        const before = shown
        shown = votes.predict(nowMs)
        const mayChange = nowMs - changedAtMs >= changeIntervalMs
        if (winners.some((winner) => JSON.stringify(winner) === JSON.stringify(before)) || !mayChange) {
          expect(shown).toEqual(before)
        } else {
          expect(winners).toContainEqual(shown)
        }
        if (JSON.stringify(shown) !== JSON.stringify(before)) changedAtMs = nowMs
      }
    }),
    { numRuns: 500 },
  )
})
