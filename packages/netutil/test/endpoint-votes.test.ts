import { describe, expect, it } from 'vitest'
import { createEndpointVotes, type EndpointVotes } from '../src/index.ts'

const minute = 60_000
const honest = { ip: '1.2.3.4', port: 30303 }
const lie = { ip: '5.6.7.8', port: 9 }

/** `count` hosts in networks of their own, beginning with number `from`. */
const hosts = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, n) => `8.${(from + n) >> 8}.${(from + n) & 255}.8`)

function state(votes: EndpointVotes, by: Iterable<string>, endpoint: typeof honest, nowMs: number): void {
  for (const host of by) expect(votes.addStatement(host, endpoint, nowMs)).toBeUndefined()
}

describe('endpoint votes', () => {
  it('predict what ten hosts agree on, in either family', () => {
    const votes = createEndpointVotes()
    state(votes, hosts(9), honest, 0)
    expect(votes.predict(0)).toBeUndefined()
    state(votes, hosts(1, 9), honest, 0)
    expect(votes.predict(0)).toEqual(honest)
    expect(votes.predict(0, 6)).toBeUndefined()
    for (let n = 0; n < 10; n++) votes.addStatement(`2607:0:${n}::1`, { ip: '2A00::1', port: 7 }, 0)
    expect(votes.predict(0, 6)).toEqual({ ip: '2a00::1', port: 7 })
  })

  it('case 14: nine liars change nothing, beside honest hosts or alone', () => {
    const votes = createEndpointVotes()
    state(votes, hosts(9, 1000), lie, 0)
    expect(votes.predict(0)).toBeUndefined()
    state(votes, hosts(12), honest, 0)
    for (let nowMs = 0; nowMs <= 60 * minute; nowMs += minute) {
      state(votes, hosts(9, 1000), lie, nowMs)
      state(votes, hosts(12), honest, nowMs)
      expect(votes.predict(nowMs)).toEqual(honest)
    }
  })

  it('case 14: fifty liars who change their minds change the prediction once in 5 min at most', () => {
    const votes = createEndpointVotes()
    let changes = 0
    let changedAtMs = Number.NEGATIVE_INFINITY
    let last: string | undefined
    for (let nowMs = 0; nowMs < 60 * minute; nowMs += 10_000) {
      state(votes, hosts(12), honest, nowMs)
      state(votes, hosts(50, 1000), { ip: '5.6.7.8', port: 1 + ((nowMs / 10_000) % 7) }, nowMs)
      const now = JSON.stringify(votes.predict(nowMs))
      if (now === last) continue
      last = now
      changes++
      expect(nowMs - changedAtMs).toBeGreaterThanOrEqual(5 * minute)
      changedAtMs = nowMs
    }
    expect(changes).toBeGreaterThan(1)
    expect(changes).toBeLessThanOrEqual(12)
  })

  it('case 14: hosts of one /24 have one vote, and of one /48 of IPv6', () => {
    const votes = createEndpointVotes()
    for (let n = 0; n < 256; n++) {
      votes.addStatement(`8.8.8.${n}`, lie, 0)
      votes.addStatement(`2607:1:2:${n.toString(16)}::1`, { ip: '2a00::1', port: 7 }, 0)
    }
    expect([votes.predict(0), votes.predict(0, 6)]).toEqual([undefined, undefined])
    state(votes, hosts(8, 5000), lie, 0)
    expect(votes.predict(0)).toBeUndefined()
    state(votes, hosts(1, 6000), lie, 0)
    expect(votes.predict(0)).toEqual(lie)
  })

  it.each([
    ['loopback', (n: number) => `127.0.0.${n}`, '127.0.0.99', 4],
    ['a local network', (n: number) => `192.168.1.${n}`, '192.168.1.99', 4],
    ['a local network of IPv6', (n: number) => `fd00::${n}`, 'fd00::99', 6],
  ] as const)('case 14: each address of %s has a vote', (_, host, ip, family) => {
    const votes = createEndpointVotes()
    for (let n = 1; n <= 10; n++) votes.addStatement(host(n), { ip, port: 30303 }, 0)
    expect(votes.predict(0, family)).toEqual({ ip, port: 30303 })
  })

  it('counts the last thing that a host said, for five minutes', () => {
    const votes = createEndpointVotes()
    state(votes, hosts(10), lie, 0)
    state(votes, hosts(10), honest, 1)
    expect(votes.predict(1)).toEqual(honest)
    expect(votes.predict(1 + 5 * minute)).toEqual(honest)
    expect(votes.predict(2 + 5 * minute)).toBeUndefined()
  })

  it('stays with what it predicts until another has more votes', () => {
    for (const [first, second] of [
      [honest, lie],
      [lie, honest],
    ] as const) {
      const votes = createEndpointVotes({ changeIntervalMs: 0 })
      state(votes, hosts(10), first, 0)
      expect(votes.predict(0)).toEqual(first)
      state(votes, hosts(10, 100), second, 0)
      expect(votes.predict(1)).toEqual(first)
      state(votes, hosts(1, 200), second, 0)
      expect(votes.predict(2)).toEqual(second)
    }
  })

  it.each([
    ['8.8.8.8', '0.0.0.0', 30303, 'unspecified'],
    ['8.8.8.8', '224.0.0.1', 30303, 'special'],
    ['8.8.8.8', '127.0.0.1', 30303, 'loopback'],
    ['192.168.0.1', '127.0.0.1', 30303, 'loopback'],
    ['8.8.8.8', '192.168.0.1', 30303, 'lan'],
    ['8.8.8.8', 'here', 30303, 'invalid'],
    ['8.8.8.8', '2607::1', 30303, 'family'],
    ['2607::1', '8.8.8.8', 30303, 'family'],
    ['8.8.8.8', '1.2.3.4', 0, 'port'],
    ['8.8.8.8', '1.2.3.4', 65_536, 'port'],
    ['8.8.8.8', '1.2.3.4', 1.5, 'port'],
    ['192.168.0.1', '1.2.3.4', 30303, undefined],
    ['::ffff:8.8.8.8', '1.2.3.4', 30303, undefined],
  ])('what %s says of %s port %i: refused as %s', (from, ip, port, refusal) => {
    expect(createEndpointVotes().addStatement(from, { ip, port }, 0)).toBe(refusal)
  })

  it('keeps the last 1,024 voters', () => {
    const votes = createEndpointVotes()
    state(votes, hosts(12), honest, 0)
    state(votes, hosts(1012, 100), { ip: '9.9.9.9', port: 1 }, 1)
    expect(votes.predict(1)).toEqual({ ip: '9.9.9.9', port: 1 })
    const full = createEndpointVotes()
    state(full, hosts(12), honest, 0)
    for (const [n, host] of hosts(1014, 100).entries()) full.addStatement(host, { ip: '9.9.9.9', port: n + 1 }, 1)
    // Two more than fit: of the honest ones, ten are left.
    expect(full.predict(1)).toEqual(honest)
    full.addStatement('7.7.7.7', lie, 1)
    expect(full.predict(6 * minute)).toBeUndefined()
  })

  it('refuses options that cannot be', () => {
    for (const options of [{ minHosts: 0 }, { windowMs: -1 }, { contactWindowMs: Number.NaN }]) {
      expect(() => createEndpointVotes(options)).toThrow(RangeError)
    }
  })
})

describe('full cone', () => {
  it('is told by a host that reaches us without having been written to', () => {
    const votes = createEndpointVotes()
    votes.addContact('8.8.8.8', 0)
    votes.addStatement('8.8.8.8', honest, 100)
    expect(votes.isFullCone(100)).toBe(false)
    votes.addStatement('8.8.9.8', honest, 200)
    expect(votes.isFullCone(200)).toBe(true)
    expect(votes.isFullCone(200, 6)).toBe(false)
    expect(votes.isFullCone(201 + 5 * minute)).toBe(false)
  })

  it('is not told by an answer, also when that host has been written to again since', () => {
    const votes = createEndpointVotes()
    votes.addContact('8.8.8.8', 0)
    votes.addStatement('8.8.8.8', honest, 100)
    votes.addContact('8.8.8.8', 200)
    expect(votes.isFullCone(200)).toBe(false)
  })

  it('is told by a host that was written to more than ten minutes ago, and by its neighbour', () => {
    for (const [host, atMs] of [
      ['2607::1', 10 * minute + 1],
      ['2607::2', 1],
    ] as const) {
      const votes = createEndpointVotes()
      votes.addContact('2607::1', 0)
      votes.addStatement(host, { ip: '2a00::1', port: 7 }, atMs)
      expect(votes.isFullCone(atMs, 6)).toBe(true)
    }
  })

  it('is not told while a contact may have been forgotten for want of room', () => {
    const votes = createEndpointVotes()
    votes.addContact('9.9.9.9', 0)
    for (const host of hosts(4096)) votes.addContact(host, 5 * minute)
    votes.addStatement('9.9.9.9', honest, 6 * minute)
    expect(votes.isFullCone(6 * minute)).toBe(false)
    votes.addStatement('9.9.9.9', honest, 10 * minute + 1)
    expect(votes.isFullCone(10 * minute + 1)).toBe(true)
  })
})
