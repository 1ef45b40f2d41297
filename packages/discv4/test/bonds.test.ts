import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { AddressHash } from '../src/address-hash.ts'
import { Bonds } from '../src/bonds.ts'
import type { NodeDatabase } from '../src/index.ts'
import { addressOf } from './harness.ts'

const ip = '32.0.1.1'
const node = addressOf(1, { ip, port: 30303 })
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
    const other = addressOf(2, { ip, port: 30303 })
    bonds.pong(node, ip, 30303, false)
    bonds.pong(other, ip, 30303, false)
    bonds.pong(other, '32.0.2.2', 30303, false)
    bonds.pong(node, ip, 30303, false)
    expect(bonds.isProvenEndpoint(ip, 30303)).toBe(true)
  })

  it('are told to the database, the node at its first', () => {
    const clock = createVirtualClock({ startMs: 1000 })
    const { database, notes } = notingDatabase()
    const bonds = new Bonds(clock, database, new AddressHash(1))
    bonds.ping(node.nodeIdHex, ip)
    expect(notes).toEqual([])
    bonds.pong(node, ip, 30303, true)
    bonds.pong(node, ip, 30303, false)
    bonds.ping(node.nodeIdHex, ip)
    for (const isUseful of [true, false, false, true, true]) bonds.found(node.nodeIdHex, ip, isUseful)
    expect(notes).toEqual([
      `pong ${ip} 1000`,
      `ping ${ip} 1000`,
      `node ${ip}`,
      `pong ${ip} 1000`,
      `ping ${ip} 1000`,
      `failures ${ip} 1`,
      `failures ${ip} 2`,
      `failures ${ip} 0`,
    ])
  })

  it('are of one ID at one address, and move with a pong alone', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    bonds.pong(node, ip, 30303, false)
    expect(bonds.isProvenEndpoint(ip, 30303)).toBe(true)
    expect(bonds.isProvenEndpoint(ip, 30304)).toBe(false)
    bonds.ping(node.nodeIdHex, '32.0.2.2')
    expect(bonds.isProven(node.nodeIdHex, '32.0.2.2')).toBe(false)
    expect(bonds.provenIp(node.nodeIdHex)).toBe(ip)
    bonds.pong(node, '32.0.2.2', 30303, false)
    expect(bonds.isProven(node.nodeIdHex, ip)).toBe(false)
    expect(bonds.provenIp(node.nodeIdHex)).toBe('32.0.2.2')
    expect(bonds.isProvenEndpoint(ip, 30303)).toBe(false)
  })

  it('expire after 24 hours, for the budget of their endpoint, too', async () => {
    const clock = createVirtualClock()
    const bonds = new Bonds(clock, undefined, new AddressHash(1))
    bonds.pong(node, ip, 30303, false)
    await clock.advance(day - 1)
    expect([bonds.isProven(node.nodeIdHex, ip), bonds.isProvenEndpoint(ip, 30303)]).toEqual([true, true])
    await clock.advance(1)
    expect([bonds.isProven(node.nodeIdHex, ip), bonds.isProvenEndpoint(ip, 30303)]).toEqual([false, false])
    bonds.pong(node, ip, 30303, false)
    expect(bonds.isProvenEndpoint(ip, 30303)).toBe(true)
  })

  it('of earlier runs are asked of the database, and one that cannot be read proves nothing', async () => {
    const clock = createVirtualClock()
    const proofs = async (lastPong: number | Error): Promise<boolean> =>
      new Bonds(clock, notingDatabase({ lastPong }).database, new AddressHash(1)).wasProven(node.nodeIdHex, ip)
    expect(await proofs(clock.now() - day + 1)).toBe(true)
    expect(await proofs(clock.now() - day)).toBe(false)
    expect(await proofs(0)).toBe(false)
    // A clock that was wrong when it was written.
    expect(await proofs(clock.now() + 2 * day)).toBe(false)
    expect(await proofs(new Error('unreadable'))).toBe(false)
  })

  it('are asked for again of a node that has failed more than five times', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    bonds.pong(node, ip, 30303, true)
    for (let failures = 1; failures <= 5; failures++) bonds.found(node.nodeIdHex, ip, false)
    expect(bonds.hasOurProof(node.nodeIdHex, ip)).toBe(true)
    bonds.found(node.nodeIdHex, ip, false)
    expect(bonds.hasOurProof(node.nodeIdHex, ip)).toBe(false)
    bonds.found(node.nodeIdHex, ip, true)
    expect(bonds.hasOurProof(node.nodeIdHex, ip)).toBe(true)
  })

  it('that a node has of us are believed of earlier runs, unless it did not answer then', async () => {
    const clock = createVirtualClock()
    const has = async (findFailures: number, lastPing: number): Promise<boolean> => {
      const { database } = notingDatabase({ lastPing })
      return new Bonds(clock, { ...database, findFailures: () => findFailures }, new AddressHash(1)).hasOurProof(
        node.nodeIdHex,
        ip,
      )
    }
    expect(await has(0, clock.now() - 1)).toBe(true)
    expect(await has(0, clock.now() - day)).toBe(false)
    expect(await has(6, clock.now() - 1)).toBe(false)
  })

  it('are bounded: the oldest go first', () => {
    const bonds = new Bonds(createVirtualClock(), undefined, new AddressHash(1))
    bonds.pong(node, ip, 30303, false)
    for (let number = 0; number < 16_384; number++)
      bonds.pong({ ...node, nodeIdHex: `${number}` }, '32.0.3.3', number, false)
    expect(bonds.size).toBe(16_384)
    expect(bonds.isProven(node.nodeIdHex, ip)).toBe(false)
    expect(bonds.isProvenEndpoint(ip, 30303)).toBe(false)
    expect(bonds.isProvenEndpoint('32.0.3.3', 1)).toBe(true)
  })
})
