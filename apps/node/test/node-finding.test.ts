import { pureCrypto } from '@ethwire/crypto'
import { parseNode } from '@ethwire/enr'
import { parseNetlist } from '@ethwire/netutil'
import { describe, expect, test } from 'vitest'
import { bootnodes } from '../src/bootnodes.ts'
import { NodeError } from '../src/errors.ts'
import { chooseNodeFinding } from '../src/node-finding.ts'

const sepolia = { name: 'sepolia', isPublic: true }
// A genesis file may call itself what it likes.
const own = { name: 'mainnet', isPublic: false }
const discovers = { 'discovery.v4': true }

describe('whom a node asks', () => {
  test('are on a public network its bootnodes and a time server', () => {
    expect(chooseNodeFinding(discovers, sepolia, pureCrypto)).toEqual({
      bootnodes: bootnodes.sepolia,
      timeServer: { host: 'pool.ntp.org' },
    })
  })

  test('is on a private network nobody', () => {
    expect(chooseNodeFinding(discovers, own, pureCrypto)).toEqual({ bootnodes: [], timeServer: undefined })
  })

  test('are those that were named, on either', () => {
    const [node = ''] = bootnodes.hoodi
    const ntp = { host: 'time.example.org' }
    for (const network of [sepolia, own]) {
      expect(chooseNodeFinding({ ...discovers, bootnodes: [node], ntp }, network, pureCrypto)).toEqual({
        bootnodes: [node],
        timeServer: ntp,
      })
      expect(chooseNodeFinding({ ...discovers, bootnodes: [], ntp: 'none' }, network, pureCrypto)).toEqual({
        bootnodes: [],
        timeServer: undefined,
      })
    }
  })

  test('has no time server among them where only loopback is allowed', () => {
    const timeServer = (netrestrict: string): unknown =>
      chooseNodeFinding({ ...discovers, netrestrict: parseNetlist(netrestrict) }, sepolia, pureCrypto)?.timeServer
    expect(timeServer('127.0.0.0/8,::1')).toBeUndefined()
    expect(timeServer('127.0.0.0/8,10.0.0.0/8')).toEqual({ host: 'pool.ntp.org' })
    expect(timeServer('126.0.0.0/7')).toEqual({ host: 'pool.ntp.org' })
    expect(timeServer('0.0.0.0/0')).toEqual({ host: 'pool.ntp.org' })
  })

  test('is nobody, not even for the time, where nodes are not to be found', () => {
    const named = { bootnodes: [], ntp: { host: 'time.example.org' } }
    for (const off of [{ 'discovery.v4': false }, { ...discovers, nodiscover: true as const }]) {
      expect(chooseNodeFinding(off, sepolia, pureCrypto)).toBeUndefined()
      expect(chooseNodeFinding({ ...off, ...named }, sepolia, pureCrypto)).toBeUndefined()
      const choose = (): unknown => chooseNodeFinding({ ...off, bootnodes: ['enode://nonsense'] }, own, pureCrypto)
      expect(choose).toThrow('--bootnodes: ')
    }
  })

  test('is checked, and a mistake named with its flag', () => {
    const choose = (): unknown => chooseNodeFinding({ ...discovers, bootnodes: ['enode://nonsense'] }, own, pureCrypto)
    expect(choose).toThrow(NodeError)
    expect(choose).toThrow('--bootnodes: ')
  })

  test('can be read: all bootnodes that come with the program', () => {
    for (const nodes of Object.values(bootnodes)) {
      expect(nodes.length).toBeGreaterThan(0)
      for (const node of nodes) expect(parseNode(node).udpPort).toBeGreaterThan(0)
    }
  })
})
