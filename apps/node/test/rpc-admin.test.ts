import { describe, expect, test } from 'vitest'
import { type AdminServer, adminNamespace } from '../src/rpc/admin.ts'
import { netNamespace } from '../src/rpc/net.ts'
import { web3Namespace } from '../src/rpc/web3.ts'

const calls: string[] = []
const server: AdminServer = {
  nodeInfo: () => ({ id: 'self' }),
  peers: () => ['bb', 'aa'].map((id) => ({ id, info: () => ({ id }) })),
  addPeer(node) {
    if (!node.startsWith('enode://')) throw new TypeError('no node')
    calls.push(`add ${node}`)
  },
  removePeer(node) {
    calls.push(`remove ${node}`)
    return false
  },
  addTrustedPeer: (node) => void calls.push(`trust ${node}`),
  removeTrustedPeer(node) {
    calls.push(`distrust ${node}`)
    return false
  },
}
const admin = adminNamespace(server, {
  ban: (node) => void calls.push(`ban ${node}`),
  unban: (node) => void calls.push(`unban ${node}`),
})

describe('admin', () => {
  test('lists peers by their node ID, as geth does', () => {
    expect(admin.peers?.([])).toEqual([{ id: 'aa' }, { id: 'bb' }])
    expect(admin.nodeInfo?.([])).toEqual({ id: 'self' })
  })

  test('adds and removes peers, and says true to both', () => {
    expect(admin.addPeer?.(['enode://a'])).toBe(true)
    expect(admin.removePeer?.(['enode://b'])).toBe(true)
    expect(admin.addTrustedPeer?.(['enode://c'])).toBe(true)
    expect(admin.removeTrustedPeer?.(['enode://d'])).toBe(true)
    expect(admin.banPeer?.(['enode://e'])).toBe(true)
    expect(admin.unbanPeer?.(['enode://e'])).toBe(true)
    expect(calls.splice(4)).toEqual(['ban enode://e', 'unban enode://e'])
    expect(calls).toEqual(['add enode://a', 'remove enode://b', 'trust enode://c', 'distrust enode://d'])
  })

  test('refuses what is no node', () => {
    expect(() => admin.addPeer?.(['http://a'])).toThrow('invalid enode: no node')
    expect(() => admin.addPeer?.([])).toThrow('missing value for required argument 0')
    expect(() => admin.addPeer?.(['enode://a', 1])).toThrow('too many arguments, want at most 1')
    for (const wrong of [1, 'x'.repeat(100_000)]) expect(() => admin.addPeer?.([wrong])).toThrow('invalid argument 0')
  })
})

test('net and web3 tell of the network and the client', () => {
  const net = netNamespace({ networkId: 3503995874084926n, listening: true, peerCount: () => 17 })
  expect([net.version?.([]), net.listening?.([]), net.peerCount?.([])]).toEqual(['3503995874084926', true, '0x11'])
  expect(web3Namespace('ethwire/v1').clientVersion?.([])).toBe('ethwire/v1')
})
