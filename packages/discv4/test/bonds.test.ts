import type { NodeAddress } from '@ethwire/enr'
import type { SocketEndpoint } from '@ethwire/io'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { AddressHash } from '../src/address-hash.ts'
import { Bonds } from '../src/bonds.ts'
import type { NodeDatabase } from '../src/index.ts'
import { addressOf } from './harness.ts'
import { standInCrypto } from './stand-in-crypto.ts'

const ip = '32.0.1.1'
const here = { ip, port: 30303 }
const there = { ip: '32.0.2.2', port: 30303 }
const node = addressOf(1, here)
const day = 24 * 60 * 60 * 1000

/** A database that notes what it is told, and answers in its own time. */
function notingDatabase(known: Partial<Record<'lastPong' | 'lastPing', number | Error>> = {}) {
  const notes: string[] = []
  const answer = async (name: 'lastPong' | 'lastPing'): Promise<number> => {
    const value = known[name] ?? 0
    if (value instanceof Error) throw value
    return value
  }
  const database: NodeDatabase = {
    lastPong: () => answer('lastPong'),
    lastPing: () => answer('lastPing'),
    findFailures: () => 0,
    setLastPong: (_, at, ms) => void notes.push(`pong ${at} ${ms}`),
    setLastPing: (_, at, ms) => void notes.push(`ping ${at} ${ms}`),
    setFindFailures: (_, at, count) => void notes.push(`failures ${at} ${count}`),
    putNode: ({ host }) => void notes.push(`node ${host}`),
    seeds: async () => [],
  }
  return { database, notes }
}

describe('endpoint proofs', () => {
  it('of an endpoint that another ID has left are renewed with the next pong', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    const other = addressOf(2, here)
    bonds.pong(node, here, false)
    bonds.pong(other, here, false)
    bonds.pong(other, there, false)
    bonds.pong(node, here, false)
    expect(bonds.isProvenEndpoint(here)).toBe(true)
  })

  it('are told to the database, each with its node, which may have been forgotten there', () => {
    const clock = createVirtualClock({ startMs: 1000 })
    const { database, notes } = notingDatabase()
    const bonds = new Bonds(clock, database, new AddressHash(1))
    bonds.ping(node, here)
    expect(notes).toEqual([])
    bonds.pong(node, here, true)
    bonds.pong(node, here, false)
    bonds.ping(node, here)
    for (const isUseful of [true, false, false, true, true]) bonds.found(node, here, isUseful)
    expect(notes).toEqual([
      `pong ${ip} 1000`,
      `ping ${ip} 1000`,
      `node ${ip}`,
      `pong ${ip} 1000`,
      `node ${ip}`,
      `ping ${ip} 1000`,
      `failures ${ip} 1`,
      `failures ${ip} 2`,
      `failures ${ip} 0`,
    ])
  })

  it('of an earlier run are not believed any more once a node that has proven nothing in this one did not answer', () => {
    const { database, notes } = notingDatabase()
    const bonds = new Bonds(createVirtualClock(), database, new AddressHash(1))
    bonds.found(node, here, true)
    expect(notes).toEqual([])
    bonds.found(node, here, false)
    expect(notes).toEqual([`ping ${ip} 0`])
  })

  it('are of one ID at one address, whatever its port', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    bonds.pong(node, here, false)
    expect(bonds.isProvenEndpoint(here)).toBe(true)
    expect(bonds.isProvenEndpoint({ ip, port: 30304 })).toBe(false)
    expect(bonds.isProven(node, { ip, port: 30304 })).toBe(true)
    expect(bonds.isProven(addressOf(2, here), here)).toBe(false)
    bonds.ping(node, there)
    expect(bonds.isProven(node, there)).toBe(false)
    bonds.pong(node, there, false)
    expect([bonds.isProven(node, here), bonds.isProven(node, there)]).toEqual([true, true])
  })

  it('of an endpoint whose port has changed are of the new one', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    bonds.pong(node, here, false)
    bonds.pong(node, { ip, port: 30304 }, false)
    expect(bonds.size).toBe(1)
    expect(bonds.isProvenEndpoint(here)).toBe(false)
    expect(bonds.isProvenEndpoint({ ip, port: 30304 })).toBe(true)
  })

  it('expire after 24 hours, for the budget of their endpoint, too', async () => {
    const clock = createVirtualClock()
    const bonds = new Bonds(clock, undefined, new AddressHash(1))
    bonds.pong(node, here, false)
    await clock.advance(day - 1)
    expect([bonds.isProven(node, here), bonds.isProvenEndpoint(here)]).toEqual([true, true])
    await clock.advance(1)
    expect([bonds.isProven(node, here), bonds.isProvenEndpoint(here)]).toEqual([false, false])
    bonds.pong(node, here, false)
    expect(bonds.isProvenEndpoint(here)).toBe(true)
  })

  it('of earlier runs are asked of the database, and one that cannot be read proves nothing', async () => {
    const clock = createVirtualClock()
    const proofs = async (lastPong: number | Error): Promise<boolean> =>
      new Bonds(clock, notingDatabase({ lastPong }).database, new AddressHash(1)).wasProven(node, here)
    expect(await proofs(clock.now() - day + 1)).toBe(true)
    expect(await proofs(clock.now() - day)).toBe(false)
    expect(await proofs(0)).toBe(false)
    // A clock that was wrong when it was written.
    expect(await proofs(clock.now() + 2 * day)).toBe(false)
    expect(await proofs(new Error('unreadable'))).toBe(false)
  })

  it('are asked for again of a node that has failed more than five times', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    bonds.pong(node, here, true)
    for (let failures = 1; failures <= 5; failures++) bonds.found(node, here, false)
    expect(bonds.hasOurProof(node, here)).toBe(true)
    for (let failures = 6; failures <= 20; failures++) {
      bonds.found(node, here, false)
      expect(bonds.hasOurProof(node, here)).toBe(false)
    }
    bonds.found(node, here, true)
    expect(bonds.hasOurProof(node, here)).toBe(true)
  })

  it('that a node has of us are believed of earlier runs, unless it did not answer then', async () => {
    const clock = createVirtualClock()
    const has = async (findFailures: number, lastPing: number): Promise<boolean> => {
      const { database } = notingDatabase({ lastPing })
      return new Bonds(clock, { ...database, findFailures: () => findFailures }, new AddressHash(1)).hasOurProof(
        node,
        here,
      )
    }
    expect(await has(0, clock.now() - 1)).toBe(true)
    expect(await has(0, clock.now() - day)).toBe(false)
    expect(await has(6, clock.now() - 1)).toBe(false)
  })

  it('take few bytes, and have room for thousands', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    const nodes = Array.from({ length: 8000 }, (_, number) => somebody(number, `32.${number >> 8}.${number & 255}.1`))
    for (const [count, bytes] of [
      [0, 1024],
      [30, 2048],
      [1000, 36 * 1024],
      [8000, 256 * 1024],
    ] as const) {
      for (const each of nodes.slice(0, count)) bonds.pong(each.node, each.at, false)
      expect(bonds.memoryBytes).toBeLessThanOrEqual(bytes)
      expect(nodes.filter((each) => bonds.isProven(each.node, each.at)).length).toBeGreaterThanOrEqual(0.99 * count)
    }
  })

  it.each([
    ['one address', (n: number) => ({ ip: '33.0.0.1', port: n })],
    ['one IPv4 /24', (n: number) => ({ ip: `33.0.0.${n & 255}`, port: n >> 8 })],
    ['one IPv6 /48', (n: number) => ({ ip: `2a00:1:2:${n.toString(16)}::1`, port: 30303 })],
  ])('of %s push out their own, and none of other networks but by accident, however many there are', async (_, at) => {
    const clock = createVirtualClock()
    const bonds = new Bonds(clock, undefined, new AddressHash(1))
    const honest = Array.from({ length: 1000 }, (_, number) => somebody(number, `32.${number >> 8}.${number & 255}.1`))
    for (const each of honest) bonds.pong(each.node, each.at, true)
    // Its first is as anybody's.
    bonds.pong(somebody(5000).node, at(0), true)
    const before = honest.filter((each) => bonds.isProven(each.node, each.at))
    const bytes = bonds.memoryBytes
    await clock.advance(1000)
    for (let number = 1; number <= 20_000; number++) bonds.pong(somebody(5000 + number).node, at(number), true)
    expect(bonds.isProvenEndpoint(at(20_000))).toBe(true)
    // Two that share a place are taken for one network: then one of them may have to give way once.
    const after = before.filter((each) => bonds.isProven(each.node, each.at))
    expect(after.length).toBeGreaterThanOrEqual(before.length - 2)
    expect(bonds.size).toBeLessThanOrEqual(1000 + 16)
    expect(bonds.memoryBytes).toBe(bytes)
  })

  it('of the LAN and of this machine are as many as there are endpoints', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    const ours = Array.from({ length: 400 }, (_, number) => ({
      ...somebody(number),
      at: { ip: number % 2 === 0 ? '127.0.0.1' : 'fe80::1', port: 30_000 + number },
    }))
    for (const each of ours) bonds.pong(each.node, each.at, false)
    expect(ours.filter((each) => bonds.isProven(each.node, each.at)).length).toBeGreaterThan(396)
  })

  it('are 16,384 at most, and of those of many networks the oldest go first', async () => {
    const clock = createVirtualClock()
    const bonds = new Bonds(clock, undefined, new AddressHash(1))
    for (let number = 0; number < 40_000; number++) {
      const { node: each, at } = somebody(number, `${32 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}.1`)
      bonds.pong(each, at, false)
      if (number % 100 === 0) await clock.advance(1000)
    }
    expect(bonds.size).toBe(16_384)
    expect(bonds.memoryBytes).toBe(256 * 1024)
    const left = (from: number): number =>
      Array.from({ length: 1000 }, (_, n) => somebody(from + n, `32.${(from + n) >> 8}.${(from + n) & 255}.1`)).filter(
        (each) => bonds.isProven(each.node, each.at),
      ).length
    expect(left(0)).toBeLessThan(10)
    expect(left(39_000)).toBeGreaterThan(990)
  })

  it('make room when their time is over', async () => {
    const clock = createVirtualClock()
    const bonds = new Bonds(clock, undefined, new AddressHash(1))
    for (let days = 0; days < 20; days++) {
      for (let number = 0; number < 30; number++) {
        const { node: each, at } = somebody(30 * days + number, `32.${days}.${number}.1`)
        bonds.pong(each, at, false)
      }
      await clock.advance(day)
    }
    expect(bonds.memoryBytes).toBeLessThanOrEqual(2048)
  })
})

interface Somebody {
  readonly node: NodeAddress
  readonly at: SocketEndpoint
}

/** A node with an ID, and no key, that belongs to a number. */
function somebody(number: number, at: string = ip): Somebody {
  const nodeId = standInCrypto.keccak256(new Uint8Array(new Uint32Array([number]).buffer))
  const nodeIdHex = Buffer.from(nodeId).toString('hex')
  return { node: { ...node, nodeId, nodeIdHex }, at: { ip: at, port: 30303 } }
}
