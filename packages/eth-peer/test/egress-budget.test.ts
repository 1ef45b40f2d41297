import { createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Built, createEgressBudget, type EgressBudget } from '../src/egress-budget.ts'
import { createWorkBudget, type WorkBudget } from '../src/work-budget.ts'

const MiB = 1024 * 1024

interface Peer {
  /** How large each answer could have been that was made for it. */
  readonly allowed: number[]
  readonly taken: PromiseWithResolvers<void>
  readonly closing: AbortController
  done: Promise<void>
}

const anything = (maxBytes: number): Built => ({ bytes: new Uint8Array(maxBytes), readBytes: 0 })
const onlyWith =
  (neededBytes: number) =>
  (maxBytes: number): Built =>
    maxBytes < neededBytes ? { neededBytes, readBytes: 0 } : { bytes: new Uint8Array(neededBytes), readBytes: 0 }

describe('what answers cost', () => {
  let clock: VirtualClock
  const startMs = 1_000_000

  beforeEach(async () => {
    clock = createVirtualClock()
    await clock.advance(startMs)
  })

  const budgetOf = (maxBytes: number, bytesPerSecond = 1000 * MiB): EgressBudget =>
    createEgressBudget({ maxBytes, bytesPerSecond })

  /** A peer that wants as large an answer as there may be, and takes it when the test says so. */
  function ask(
    egress: EgressBudget,
    { budget = createWorkBudget(clock, 1000 * MiB) as WorkBudget, build = anything } = {},
  ): Peer {
    const [taken, closing] = [Promise.withResolvers<void>(), new AbortController()]
    const allowed: number[] = []
    const done = egress.answer({
      ...{ budget, clock, signal: closing.signal },
      async build(maxBytes) {
        allowed.push(maxBytes)
        return build(maxBytes)
      },
      send: () => taken.promise,
    })
    done.catch(() => undefined)
    return { allowed, taken, closing, done }
  }

  async function finish(peers: readonly Peer[]): Promise<void> {
    for (const { taken } of peers) taken.resolve()
    await Promise.all(peers.map(({ done }) => done))
  }

  test('case 52: answers that peers do not take become smaller once the room is spent, and nobody waits for them', async () => {
    const egress = budgetOf(12 * MiB)
    const peers = Array.from({ length: 50 }, () => ask(egress))
    await clock.settle()
    const sizes = peers.map(({ allowed }) => allowed[0] ?? 0)
    expect(sizes.every((size) => size > 0)).toBe(true)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(20 * MiB)
    await finish(peers)
    const late = ask(egress)
    await clock.settle()
    expect(late.allowed).toEqual([2 * MiB])
    await finish([late])
  })

  test('case 52: of items that are larger than that alone, one is out at a time, while others are answered', async () => {
    const egress = budgetOf(12 * MiB)
    const peers = Array.from({ length: 5 }, () => ask(egress, { build: onlyWith(9 * MiB) }))
    await clock.settle()
    const out = (): number => peers.filter(({ allowed }) => allowed.includes(9 * MiB)).length
    expect(out()).toBe(1)
    const other = ask(egress)
    await clock.settle()
    expect(other.allowed).toEqual([2 * MiB])
    for (const [count, peer] of peers.entries()) {
      await finish([peer])
      await clock.settle()
      expect(out()).toBe(Math.min(count + 2, 5))
    }
    await finish([other])
  })

  test('who has the most left goes first, and who owes waits until it does not', async () => {
    const egress = budgetOf(12 * MiB)
    const order: string[] = []
    const gates = [ask(egress, { build: () => ({ bytes: new Uint8Array(1), readBytes: 0 }) })]
    const wait = (name: string, spent: number): Peer => {
      const budget = createWorkBudget(clock, MiB)
      budget.charge(spent)
      const build = (): Built => {
        order.push(name)
        return { bytes: new Uint8Array(1), readBytes: 300_000 }
      }
      return ask(egress, { budget, build })
    }
    const peers = [wait('first', 0), wait('owing', 2 * MiB), wait('spent', 700_000), wait('fresh', 0)]
    await clock.settle()
    // After each of them the event loop goes round, as so much was read.
    await clock.advance(500)
    expect(order).toEqual(['first', 'fresh', 'spent'])
    await clock.advance(1_000)
    expect(order).toEqual(['first', 'fresh', 'spent', 'owing'])
    await finish([...gates, ...peers])
  })

  test('who asks for little is answered at once, whatever others have asked for', async () => {
    const egress = budgetOf(12 * MiB, 10 * MiB)
    const heavy = Array.from({ length: 20 }, () =>
      ask(egress, { build: () => ({ bytes: new Uint8Array(1), readBytes: 10 * MiB }) }),
    )
    await clock.advance(3_000)
    const budget = createWorkBudget(clock, 5 * MiB)
    budget.charge(1_000)
    let answered = 0
    for (let count = 0; count < 50; count++) {
      const light = ask(egress, { budget, build: () => ({ bytes: new Uint8Array(1), readBytes: 40_000 }) })
      light.taken.resolve()
      await clock.advance(10)
      answered += light.allowed.length
    }
    expect(answered).toBe(50)
    for (const { closing } of heavy) closing.abort(new Error('closed'))
  })

  test('all together are answered at a rate', async () => {
    const egress = budgetOf(12 * MiB, 10 * MiB)
    let answers = 0
    const build = (): Built => {
      answers++
      return { bytes: new Uint8Array(1), readBytes: MiB }
    }
    const peers = Array.from({ length: 100 }, () => ask(egress, { build }))
    await clock.advance(5_000)
    expect(answers).toBeGreaterThan(50)
    expect(answers).toBeLessThan(65)
    for (const { closing } of peers) closing.abort(new Error('closed'))
    await finish(peers.slice(0, 0))
    expect(clock.timers).toBe(0)
  })

  test('what fails, or is over before its turn, gives its share back', async () => {
    const egress = budgetOf(4 * MiB)
    for (let i = 0; i < 10; i++) {
      const failing = (): Built => {
        throw new Error('store')
      }
      await expect(ask(egress, { build: failing }).done).rejects.toThrow('store')
      const lost = ask(egress)
      const large = ask(egress, { build: onlyWith(3 * MiB) })
      await clock.settle()
      const waiting = ask(egress, { build: onlyWith(3 * MiB) })
      await clock.settle()
      waiting.closing.abort(new Error('closed'))
      await expect(waiting.done).rejects.toThrow('closed')
      for (const { taken } of [lost, large]) taken.reject(new Error('gone'))
      await expect(lost.done).rejects.toThrow('gone')
      await expect(large.done).rejects.toThrow('gone')
    }
    const next = ask(egress)
    await clock.settle()
    expect(next.allowed).toEqual([2 * MiB])
    await finish([next])
  })
})
