import { pureCrypto } from '@ethwire/crypto'
import { ipEntry, nodeIdFromPublicKey, signRecord, udpEntry } from '@ethwire/enr'
import { describe, expect, it } from 'vitest'
import { createIdentities } from '../src/index.ts'
import { keyOf } from './harness.ts'

const publicKey = pureCrypto.publicKey(keyOf(1))

describe('identities', () => {
  it('are calculated once for each key', () => {
    let hashed = 0
    const crypto = {
      ...pureCrypto,
      keccak256: (bytes: Uint8Array) => {
        hashed++
        return pureCrypto.keccak256(bytes)
      },
    }
    const identities = createIdentities({ crypto })
    const first = identities.of(publicKey)
    expect(first.nodeId).toEqual(nodeIdFromPublicKey(publicKey))
    expect(identities.of(publicKey.slice())).toBe(first)
    expect(identities.checked(publicKey)).toBe(first)
    expect(hashed).toBe(1)
    expect(identities.size).toBe(1)
  })

  it('keep no view into a packet', () => {
    const packet = Uint8Array.of(1, ...publicKey)
    const { publicKey: kept } = createIdentities().of(packet.subarray(1))
    packet.fill(0)
    expect(kept).toEqual(publicKey)
  })

  it('of keys that are on no curve are none', () => {
    const identities = createIdentities()
    expect(identities.checked(new Uint8Array(64).fill(1))).toBeUndefined()
    expect(identities.checked(new Uint8Array(64).fill(1))).toBeUndefined()
    expect(() => identities.of(new Uint8Array(65))).toThrow(RangeError)
  })

  it('are forgotten when there are too many, the first first; keys that begin alike are few', () => {
    const identities = createIdentities({ maxKeys: 10 })
    const key = (prefix: number, rest: number): Uint8Array => new Uint8Array(64).fill(rest).fill(prefix, 0, 4)
    const first = identities.of(key(0, 0))
    for (let prefix = 1; prefix < 100; prefix++) identities.of(key(prefix, 0))
    expect(identities.size).toBe(10)
    expect(identities.of(key(0, 0))).not.toBe(first)
    for (let rest = 1; rest < 100; rest++) expect(identities.of(key(200, rest)).publicKey).toEqual(key(200, rest))
    expect(identities.size).toBeLessThanOrEqual(13)
    expect(() => createIdentities({ maxKeys: 0 })).toThrow(RangeError)
  })

  it('have one node object as long as the node stays where it is', () => {
    const identities = createIdentities()
    const identity = identities.of(publicKey)
    const there = { ip: '10.0.0.1', udpPort: 30303, tcpPort: 30303 }
    const node = identities.node(identity, there)
    expect(node).toMatchObject({ host: '10.0.0.1', udpPort: 30303, nodeIdHex: identity.nodeIdHex })
    expect(identities.node(identity, { ...there })).toBe(node)
    expect(identities.node({ ...identity }, { ...there })).toEqual(node)
    expect(identities.node(identity, { ...there, udpPort: 1025 })).not.toBe(node)
  })

  it('have their record checked once as long as it stays the same', () => {
    let verified = 0
    const crypto = {
      ...pureCrypto,
      verify: (...rest: Parameters<typeof pureCrypto.verify>) => {
        verified++
        return pureCrypto.verify(...rest)
      },
    }
    const identities = createIdentities({ crypto })
    const identity = identities.of(publicKey)
    const sign = (seq: bigint): Uint8Array => {
      const entries = [ipEntry.of('10.0.0.1'), udpEntry.of(30303)]
      return signRecord({ seq, entries, privateKey: keyOf(1) }).bytes
    }
    const node = identities.record(identity, sign(1n))
    expect(identities.record(identity, sign(1n))).toBe(node)
    expect(verified).toBe(1)
    expect(identities.record(identity, sign(2n)).record.seq).toBe(2n)
    // That of another node is read, and not kept as this one's.
    const other = identities.of(pureCrypto.publicKey(keyOf(2)))
    expect(identities.record(other, sign(2n)).nodeIdHex).toBe(identity.nodeIdHex)
    expect(identities.record(other, sign(2n)).nodeIdHex).toBe(identity.nodeIdHex)
    expect(verified).toBe(4)
  })
})
