import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { SenderBudget, type Standing } from '../src/sender-budget.ts'

const createBudget = () => new SenderBudget(createSeededRandom(1))

interface Call {
  /** What it takes to read a packet: more than it does, so that a second of a flood is few packets. */
  readonly workMs?: number
  readonly standing?: Standing
}

/** A packet comes. @returns whether it is read */
function call(budget: SenderBudget, ip: string, nowMs: number, { workMs = 0.15, standing = 'stranger' }: Call = {}) {
  if (budget.refusal(ip, standing, nowMs) !== undefined) return false
  budget.charge(ip, standing, nowMs)
  budget.spend(standing, workMs)
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

  it('case 4: hears who calls once in a second, and not who calls four times', () => {
    const budget = createBudget()
    const heard = { slow: 0, fast: 0 }
    for (let packet = 0; packet < 30 * 20_000; packet++) {
      const nowMs = packet / 20
      call(budget, flooder(packet), nowMs)
      if (nowMs < 2000) continue
      if (packet % 20_000 === 10_000 && call(budget, '34.0.0.1', nowMs)) heard.slow++
      if (packet % 5000 === 2500 && call(budget, '34.0.0.2', nowMs)) heard.fast++
    }
    expect(heard.slow).toBe(28)
    // Three at once, and now and then the first when there is something for all.
    expect(heard.fast).toBeLessThan(20)
  })

  it('case 4: leaves half of what strangers have to those that are new', () => {
    const budget = createBudget()
    for (let packet = 0; packet < 10_000; packet++) call(budget, `33.0.${packet % 100}.1`, 0, { workMs: 0 })
    const before = 500 + 3 * 100
    let heard = 0
    for (let n = 0; n < 1000; n++) if (call(budget, `34.${n >> 8}.${n & 255}.1`, 0, { workMs: 0 })) heard++
    expect(heard).toBe(1000 - before)
  })

  it('case 4: gives an IPv4 /24 and an IPv6 /48 as much as four addresses at once, and two later', () => {
    for (const ip of [(n: number) => `33.0.0.${n & 255}`, (n: number) => `2001:1::${(n & 255).toString(16)}:0:0:0:1`]) {
      const budget = createBudget()
      let heard = 0
      for (let packet = 0; packet < 100_000; packet++) if (call(budget, ip(packet), packet / 10, { workMs: 0 })) heard++
      // What is new comes on top: three of each address, but three of all in a /48.
      expect(heard).toBeGreaterThan(400 + 40 * 10 - 10)
      expect(heard).toBeLessThan(400 + 40 * 10 + 256 * (3 + 1))
    }
  })

  it('case 4: takes an IPv6 /48 for one, new once', () => {
    const budget = createBudget()
    const heard = (net: number): number => {
      let count = 0
      for (let n = 0; n < 2000; n++) {
        if (call(budget, `2001:${net}:0:${n.toString(16)}::1`, 0, { workMs: 0 })) count++
      }
      return count
    }
    // Of 1,000 for all: 500 for anybody, of which one /48 gets 400, and then three for each.
    expect([1, 2, 3].map(heard)).toEqual([403, 100, 3])
  })

  it('case 4: holds back earlier where looking for signers takes long', () => {
    const budget = createBudget()
    let heard = 0
    for (let packet = 0; packet < 200_000; packet++) {
      if (call(budget, flooder(packet), packet / 20, { workMs: 2 })) heard++
    }
    // 10 s: 200 ms of work at once, and 40 in each second, of which half is left alone.
    expect(heard).toBeGreaterThan(200)
    expect(heard).toBeLessThan(310)
  })

  it('case 4: hears those who ask for little though others, proven like them, ask for 20,000 answers a second', () => {
    const budget = createBudget()
    const answered = { modest: 0, flooding: 0 }
    for (let packet = 0; packet < 200_000; packet++) {
      const nowMs = packet / 20
      const standing = 'proven'
      if (call(budget, `33.0.${packet % 200}.1`, nowMs, { standing })) answered.flooding++
      // Ten of them, each twice in a second, once the flood has lasted for a second.
      if (packet % 1000 !== 500 || nowMs < 1000) continue
      if (call(budget, `34.0.${((packet - 500) / 1000) % 10}.1`, nowMs, { standing })) answered.modest++
    }
    expect(answered.modest).toBe(180)
    // 0.2 of a core, after 400 ms at once.
    expect(answered.flooding * 0.15).toBeLessThan(400 + 10 * 200)
    expect(answered.flooding * 0.15).toBeGreaterThan(10 * 190)
  })

  it('case 4: always hears what we have asked for', () => {
    const budget = createBudget()
    for (const standing of ['stranger', 'proven'] as const) {
      for (let packet = 0; packet < 10_000; packet++) call(budget, flooder(packet), 0, { standing })
    }
    let heard = 0
    for (let n = 0; n < 1000; n++) if (call(budget, `34.0.${n % 200}.1`, 0, { standing: 'asked' })) heard++
    expect(heard).toBe(1000)
  })

  it('counts 10 ms for a packet at most: something else had the processor', () => {
    const budget = createBudget()
    call(budget, '33.0.0.1', 0, { workMs: 60_000 })
    expect(call(budget, '33.0.0.2', 0)).toBe(true)
  })

  it('case 4: takes less than 1 MB', () => {
    const budget = createBudget()
    const ip = (n: number): string => `${33 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.1`
    for (let n = 0; n < 20_000; n++) call(budget, ip(n), 0, { workMs: 0, standing: 'proven' })
    for (const standing of ['stranger', 'proven'] as const) {
      for (let n = 0; n < 50_000; n++) call(budget, ip(n), 0, { workMs: 0.2, standing })
    }
    expect(budget.memoryBytes).toBeGreaterThan(750_000)
    expect(budget.memoryBytes).toBeLessThan(1_000_000)
  })

  it('takes 5 KB where there is no flood', () => {
    const budget = createBudget()
    for (let n = 0; n < 60; n++) call(budget, flooder(n), n * 1000)
    expect(budget.memoryBytes).toBeLessThan(5000)
  })
})
