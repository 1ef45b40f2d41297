import { CryptoError } from '@ethwire/crypto'
import { bytes as rlpBytes, u64 } from '@ethwire/rlp-codec'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import {
  createLocalNode,
  decodeRecord,
  defineEntry,
  idEntry,
  ip6Entry,
  ipEntry,
  type SequenceStore,
  tcpEntry,
  udp6Entry,
  udpEntry,
} from '../src/index.ts'
import { privateKey, publicKey } from './forge.ts'

const startMs = 1_700_000_000_000
const clock = createVirtualClock({ startMs })
const testEntry = defineEntry('test', u64)

describe('local node', () => {
  it('begins with the time as its sequence number', async () => {
    const node = await createLocalNode({ privateKey, clock })
    expect(node.seq).toBe(BigInt(startMs))
    expect(node.publicKey).toEqual(publicKey)
    expect(decodeRecord(node.record.bytes).nodeIdHex).toBe(node.nodeIdHex)
  })

  it('goes on after the number that was saved, whatever the clock says', async () => {
    const saved: bigint[] = []
    const sequenceStore: SequenceStore = {
      load: async () => 41n,
      save: async (_, seq) => {
        saved.push(seq)
      },
    }
    const node = await createLocalNode({ privateKey, clock, sequenceStore })
    expect(node.seq).toBe(42n)
    node.set(testEntry, 1n)
    expect(node.seq).toBe(43n)
    await node.flush()
    expect(saved).toEqual([42n, 43n])
  })

  it('signs when asked, not when changed, and not again for the same content', async () => {
    const node = await createLocalNode({ privateKey, clock })
    const first = node.record
    expect(node.record).toBe(first)
    node.set(testEntry, 1n)
    node.set(testEntry, 2n)
    node.set(tcpEntry, 30303)
    const second = node.record
    expect(second.seq).toBe(first.seq + 1n)
    node.set(testEntry, 2n)
    expect(node.record).toBe(second)
    expect(second.get(testEntry)).toBe(2n)
    node.delete(testEntry)
    node.delete(testEntry)
    expect(node.record.seq).toBe(second.seq + 1n)
    expect(node.record.entries.has('test')).toBe(false)
  })

  it('tells of each change, until asked not to', async () => {
    const node = await createLocalNode({ privateKey, clock })
    let changes = 0
    const stop = node.onChange(() => changes++)
    node.set(testEntry, 1n)
    node.set(testEntry, 1n)
    expect(changes).toBe(1)
    stop()
    node.set(testEntry, 2n)
    expect(changes).toBe(1)
  })

  it('prefers a static address to a predicted one, and that to the fallback', async () => {
    const node = await createLocalNode({ privateKey, clock })
    node.set(tcpEntry, 30303)
    const shown = () => [node.record.get(ipEntry), node.record.get(udpEntry)]
    expect(shown()).toEqual([undefined, undefined])
    node.setFallbackIp('127.0.0.1')
    node.setFallbackUdp(30303)
    expect(shown()).toEqual(['127.0.0.1', 30303])
    expect(node.enode).toMatch(/^enode:\/\/[0-9a-f]{128}@127\.0\.0\.1:30303$/)
    node.setPredictedEndpoint({ ip: '8.8.8.8', udpPort: 40000 })
    expect(shown()).toEqual(['8.8.8.8', 40000])
    expect(node.enode).toMatch(/@8\.8\.8\.8:30303\?discport=40000$/)
    node.setStaticIp('9.9.9.9')
    expect(shown()).toEqual(['9.9.9.9', 30303])
    node.clearStaticIp(4)
    node.clearPredictedEndpoint(4)
    expect(shown()).toEqual(['127.0.0.1', 30303])
    node.setFallbackIp('0.0.0.0')
    expect(shown()).toEqual([undefined, 30303])
  })

  it('keeps the two families apart and writes one port once', async () => {
    const node = await createLocalNode({ privateKey, clock })
    node.setFallbackUdp(30303)
    node.setStaticIp('8.8.8.8')
    node.setStaticIp('2607::1')
    expect(node.record.get(ip6Entry)).toBe('2607::1')
    expect(node.record.get(udp6Entry)).toBeUndefined()
    node.clearStaticIp(6)
    node.setPredictedEndpoint({ ip: '2607::2', udpPort: 31000 })
    expect([node.record.get(ip6Entry), node.record.get(udp6Entry), node.record.get(udpEntry)]).toEqual([
      '2607::2',
      31000,
      30303,
    ])
  })

  it('lets nobody set what it rules itself', async () => {
    const node = await createLocalNode({ privateKey, clock })
    expect(() => node.set(ipEntry, '1.2.3.4')).toThrow(TypeError)
    expect(() => node.delete(idEntry)).toThrow(TypeError)
    expect(() => node.setStaticIp('localhost')).toThrow(TypeError)
    expect(() => node.setFallbackUdp(80)).toThrow(RangeError)
  })

  it('refuses an entry that would not fit and stays as it was', async () => {
    const node = await createLocalNode({ privateKey, clock })
    const before = node.record
    expect(() => node.set(defineEntry('big', rlpBytes(300)), new Uint8Array(200))).toThrow(
      expect.objectContaining({ code: 'ENR_TOO_LARGE' }),
    )
    expect(node.record).toBe(before)
    node.set(defineEntry('big', rlpBytes(300)), new Uint8Array(155))
    expect(() => node.setStaticIp('2607::1')).toThrow(expect.objectContaining({ code: 'ENR_TOO_LARGE' }))
    expect(node.record.get(ip6Entry)).toBeUndefined()
    node.setFallbackUdp(30303)
    expect(node.record.get(ip6Entry)).toBeUndefined()
  })

  it('goes on when the store fails, and says so when asked to flush', async () => {
    const failing: SequenceStore = {
      load: () => undefined,
      save: () => {
        throw new Error('disk full')
      },
    }
    const node = await createLocalNode({ privateKey, clock, sequenceStore: failing })
    expect(node.seq).toBe(BigInt(startMs))
    await expect(node.flush()).rejects.toThrow('disk full')
    await node.flush()
  })

  it('is not made from what is no private key', async () => {
    await expect(createLocalNode({ privateKey: new Uint8Array(32), clock })).rejects.toThrow(CryptoError)
  })
})
