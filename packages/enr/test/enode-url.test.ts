import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EnrError,
  formatEnode,
  formatNodeId,
  ip6Entry,
  ipEntry,
  nodeFromRecord,
  nodeIdFromPublicKey,
  parseEnode,
  parseNode,
  parseNodeId,
  signRecord,
  tcp6Entry,
  tcpEntry,
  udp6Entry,
  udpEntry,
} from '../src/index.ts'
import { privateKey } from './forge.ts'
import { eip778, gethPublicKey as key } from './vectors/eip-778.ts'

const publicKey = hexToBytes(key)

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof EnrError) return error.code
    throw error
  }
  return 'accepted'
}

describe('enode URLs', () => {
  // The valid ones of go-ethereum v1.17.8, p2p/enode/urlv4_test.go, and a few more.
  it.each([
    [`enode://${key}@127.0.0.1:52150`, '127.0.0.1', 52150, 52150],
    [`enode://${key}@valid.:3`, 'valid.', 3, 3],
    [`enode://${key}@[::]:52150`, '::', 52150, 52150],
    [`enode://${key}@[2001:db8:3c4d:15::abcd:ef12]:52150`, '2001:db8:3c4d:15::abcd:ef12', 52150, 52150],
    [`enode://${key}@127.0.0.1:52150?discport=22334`, '127.0.0.1', 52150, 22334],
    [`enode://${key}@127.0.0.1:0?discport=30301`, '127.0.0.1', 0, 30301],
    [`enode://${key}@127.0.0.1:30303?discport=0`, '127.0.0.1', 30303, 0],
    [`enode://${key}@boot-1.example.org:30303`, 'boot-1.example.org', 30303, 30303],
    [`enode://${key}`, undefined, 0, 0],
  ])('%s is read and written back', (url, host, tcpPort, udpPort) => {
    expect(parseEnode(url)).toEqual({ publicKey, tcpPort, udpPort, ...(host === undefined ? {} : { host }) })
    expect(formatEnode(parseEnode(url))).toBe(url)
  })

  it('become canonical', () => {
    const url = `enode://${key.toUpperCase()}@[2001:DB8:0::1]:0303?x=1&discport=303&discport=2`
    expect(formatEnode(parseEnode(url))).toBe(`enode://${key}@[2001:db8::1]:303`)
    expect(parseEnode(`enode://${key}@[::ffff:10.0.0.1]:1`).host).toBe('10.0.0.1')
    expect(parseEnode(`enode://${key}@EXAMPLE.org:1?discport=`).host).toBe('example.org')
  })

  it.each([
    ['', 'ENODE_URL'],
    ['http://foobar', 'ENODE_URL'],
    [key, 'ENODE_URL'],
    [`enode://${key}@${'a.'.repeat(1000)}:1`, 'ENODE_URL'],
    ['enode://01010101', 'ENODE_PUBLIC_KEY'],
    ['enode://01010101@123.124.125.126:3', 'ENODE_PUBLIC_KEY'],
    [`enode://${'00'.repeat(64)}@127.0.0.1:1`, 'ENODE_PUBLIC_KEY'],
    [`enode://${'ff'.repeat(64)}`, 'ENODE_PUBLIC_KEY'],
    [`enode://${key}:pass@127.0.0.1:1`, 'ENODE_PUBLIC_KEY'],
    [`enode://${key}@127.0.0.1`, 'ENODE_PORT'],
    [`enode://${key}@[::1]`, 'ENODE_PORT'],
    [`enode://${key}@127.0.0.1:`, 'ENODE_PORT'],
    [`enode://${key}@127.0.0.1:foo`, 'ENODE_PORT'],
    [`enode://${key}@127.0.0.1:65536`, 'ENODE_PORT'],
    [`enode://${key}@127.0.0.1:-1`, 'ENODE_PORT'],
    [`enode://${key}@127.0.0.1:1/path`, 'ENODE_PORT'],
    [`enode://${key}@127.0.0.1:3?discport=foo`, 'ENODE_PORT'],
    [`enode://${key}@127.0.0.1:3?discport=65536`, 'ENODE_PORT'],
    [`enode://${key}@:30303`, 'ENODE_HOST'],
    [`enode://${key}@::1:30303`, 'ENODE_HOST'],
    [`enode://${key}@[127.0.0.1]:30303`, 'ENODE_HOST'],
    [`enode://${key}@[fe80::1%25eth0]:30303`, 'ENODE_HOST'],
    [`enode://${key}@127.1:30303`, 'ENODE_HOST'],
    [`enode://${key}@0x7f000001:30303`, 'ENODE_HOST'],
    [`enode://${key}@2130706433:30303`, 'ENODE_HOST'],
    [`enode://${key}@010.0.0.1:30303`, 'ENODE_HOST'],
    [`enode://${key}@256.0.0.1:30303`, 'ENODE_HOST'],
    [`enode://${key}@exa mple:30303`, 'ENODE_HOST'],
    [`enode://${key}@a..b:30303`, 'ENODE_HOST'],
    [`enode://${key}@${'a'.repeat(64)}:30303`, 'ENODE_HOST'],
  ])('%s is refused', (url, code) => {
    expect(codeOf(() => parseEnode(url))).toBe(code)
  })

  it('come back from what was written', () => {
    const port = fc.nat(65535)
    const host = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '::1', 'a.example', 'localhost'))
    fc.assert(
      fc.property(host, port, port, (host, tcpPort, udpPort) => {
        const enode = { publicKey, host, tcpPort, udpPort }
        expect(parseEnode(formatEnode(enode))).toEqual(enode)
      }),
    )
  })

  it('are read or refused with a code, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        codeOf(() => parseNode(`enode://${key}@${text}`))
        codeOf(() => parseNode(`enode://${text}`))
        codeOf(() => parseNode(text))
      }),
    )
  })
})

describe('nodes', () => {
  const sign = (...entries: Parameters<typeof signRecord>[0]['entries'][]) =>
    nodeFromRecord(signRecord({ seq: 1n, entries: entries.flatMap((some) => [...some]), privateKey }))

  it('are read from either form of text', () => {
    const byRecord = parseNode(eip778.text)
    expect(byRecord).toMatchObject({ host: '127.0.0.1', tcpPort: 0, udpPort: 30303, nodeIdHex: eip778.nodeId })
    expect(byRecord.record?.text).toBe(eip778.text)
    expect(byRecord.enr).toBe(eip778.text)
    const byUrl = parseNode(formatEnode(byRecord))
    expect(byUrl).toMatchObject({ host: '127.0.0.1', tcpPort: 0, udpPort: 30303, nodeIdHex: eip778.nodeId })
    expect(byUrl.endpoints).toEqual(byRecord.endpoints)
    expect(byUrl.record).toBeUndefined()
    expect(byUrl.enr).toBeUndefined()
    expect(codeOf(() => parseNode('enrtree://x'))).toBe('NODE_TEXT')
  })

  it('prefer the address that reaches furthest, IPv4 where both reach as far', () => {
    const both = (ip: string, ip6: string) =>
      sign([
        ipEntry.of(ip),
        ip6Entry.of(ip6),
        tcpEntry.of(1000),
        udpEntry.of(1001),
        tcp6Entry.of(2000),
        udp6Entry.of(2001),
      ])
    expect(both('10.0.0.1', '2607::1')).toMatchObject({ host: '2607::1', tcpPort: 2000, udpPort: 2001 })
    expect(both('8.8.8.8', '2607::1')).toMatchObject({ host: '8.8.8.8', tcpPort: 1000, udpPort: 1001 })
    expect(both('8.8.8.8', 'fe80::1').endpoints.map(({ host }) => host)).toEqual(['8.8.8.8', 'fe80::1'])
    expect(both('127.0.0.1', '::1').host).toBe('127.0.0.1')
    expect(both('224.0.0.1', '::').endpoints).toEqual([])
  })

  it('use the ports of IPv4 for IPv6 unless there are others', () => {
    expect(sign([ip6Entry.of('2607::1'), tcpEntry.of(1000), udpEntry.of(1001)])).toMatchObject({
      host: '2607::1',
      tcpPort: 1000,
      udpPort: 1001,
    })
  })

  it('without an address have a key alone', () => {
    const node = sign([])
    expect(node.host).toBeUndefined()
    expect(node.endpoints).toEqual([])
    expect(formatEnode(node)).toBe(`enode://${bytesToHex(node.publicKey)}`)
  })
})

describe('node IDs', () => {
  it('are shown as hex and read back', () => {
    const nodeId = nodeIdFromPublicKey(publicKey)
    expect(parseNodeId(formatNodeId(nodeId))).toEqual(nodeId)
    expect(parseNodeId(`0x${formatNodeId(nodeId)}`)).toEqual(nodeId)
    for (const text of ['', '0x', 'zz'.repeat(32), '00'.repeat(31)]) expect(() => parseNodeId(text)).toThrow(TypeError)
    expect(() => nodeIdFromPublicKey(new Uint8Array(65))).toThrow(RangeError)
  })
})
