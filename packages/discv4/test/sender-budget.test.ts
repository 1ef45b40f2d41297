import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { SenderBudget } from '../src/sender-budget.ts'

const createBudget = () => new SenderBudget(createSeededRandom(1))

/** A packet of a stranger that takes so long to work on, if it is read. */
function call(budget: SenderBudget, ip: string, nowMs: number, workMs = 0.15): boolean {
  if (budget.refusal(ip, 'stranger', nowMs) !== undefined) return false
  budget.charge(ip, 'stranger', nowMs)
  budget.spend(workMs)
  return true
}

/** One of 5,000 addresses, each in a subnet of its own. */
const flooder = (packet: number): string => `33.${(packet % 5000) >> 8}.${(packet % 5000) & 255}.1`

describe('the budget of senders', () => {
  it('case 4: hears who is new, though 5,000 addresses send 20,000 packets a second', () => {
    const budget = createBudget()
    let heard = 0
    let workMs = 0
    for (let packet = 0; packet < 200_000; packet++) {
      const nowMs = packet / 20
      if (call(budget, flooder(packet), nowMs)) workMs += 0.15
      // One who is new every 100 ms, from the second second on.
      if (packet % 2000 === 1000 && nowMs > 1000 && call(budget, `34.0.${(packet / 2000) | 0}.1`, nowMs)) heard++
    }
    expect(heard).toBe(90)
    // 0.04 of a core, after 200 ms at once.
    expect(workMs).toBeLessThan(200 + 10 * 40)
    expect(workMs).toBeGreaterThan(400)
  })

  it('case 4: hears who is new again after 10 s, if it was not heard before', () => {
    const budget = createBudget()
    for (let packet = 0; packet < 20_000; packet++) call(budget, flooder(packet), packet / 20)
    const ip = '34.0.0.1'
    expect([1, 2, 3].map((n) => call(budget, ip, 1000 + n))).toEqual([true, true, true])
    expect(call(budget, ip, 1004)).toBe(false)
    let packet = 20_000
    for (; packet < 20_000 + 420_000; packet++) call(budget, flooder(packet), packet / 20)
    expect(call(budget, ip, packet / 20)).toBe(true)
  })

  it('case 4: leaves half of what strangers have to those that are new', () => {
    const budget = createBudget()
    for (let packet = 0; packet < 10_000; packet++) call(budget, `33.0.${packet % 100}.1`, 0, 0)
    let heard = 0
    for (let n = 0; n < 1000; n++) if (call(budget, `34.${n >> 8}.${n & 255}.1`, 0, 0)) heard++
    expect(heard).toBe(500)
  })

  it('case 4: gives an IPv4 /24 and an IPv6 /48 as much as four addresses', () => {
    for (const ip of [(n: number) => `33.0.0.${n & 255}`, (n: number) => `2001:1::${(n & 255).toString(16)}:0:0:0:1`]) {
      const budget = createBudget()
      let heard = 0
      for (let packet = 0; packet < 100_000; packet++) if (call(budget, ip(packet), packet / 10, 0)) heard++
      // What is new comes on top: three of each address, but three of all in a /48; and one in 10 s.
      expect(heard).toBeGreaterThan(400 + 80 * 10 - 10)
      expect(heard).toBeLessThan(400 + 80 * 10 + 256 * 3 + 256)
    }
  })

  it('case 4: takes an IPv6 /48 for one, new once', () => {
    const budget = createBudget()
    const heard = (net: number): number => {
      let count = 0
      for (let n = 0; n < 2000; n++) if (call(budget, `2001:${net}:0:${n.toString(16)}::1`, 0, 0)) count++
      return count
    }
    // 1,000 for all: one /48 gets no further than what is left to those that call again.
    expect(heard(1)).toBe(400)
    expect(heard(2)).toBe(100)
    expect(heard(3)).toBe(3)
  })

  it('case 4: holds back earlier where looking for signers takes long', () => {
    const budget = createBudget()
    let heard = 0
    for (let packet = 0; packet < 200_000; packet++) if (call(budget, flooder(packet), packet / 20, 2)) heard++
    // 10 s: 200 ms of work at once, and 40 in each second, of which half is left alone.
    expect(heard).toBeGreaterThan(200)
    expect(heard).toBeLessThan(310)
  })

  it('counts 10 ms for a packet at most: something else had the processor', () => {
    const budget = createBudget()
    call(budget, '33.0.0.1', 0, 60_000)
    expect(call(budget, '33.0.0.2', 0)).toBe(true)
  })

  it('case 4: takes less than 1 MB', () => {
    const budget = createBudget()
    for (let n = 0; n < 100_000; n++) {
      const nowMs = n * 1000
      call(budget, `${33 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.1`, nowMs, 0)
    }
    expect(budget.memoryBytes).toBeLessThan(1_000_000)
  })
})
