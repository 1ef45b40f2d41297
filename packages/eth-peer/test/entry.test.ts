import { forkId } from '@ethwire/chain'
import { decodeRecord, type NodeRecord, signRecord } from '@ethwire/enr'
import { encodeList, encodeUint } from '@ethwire/rlp-codec'
import { describe, expect, test } from 'vitest'
import { eth, ethEntry, forkFilter } from '../src/index.ts'
import { config, createTestChain, hexOf } from './support.ts'

const chain = createTestChain(1500)
const context = { config, genesis: chain.genesis, chain }
const atHead = forkId(config, chain.genesis, { number: 1499n, timestamp: 14_990n })

const record = (...entries: { key: string; value: Uint8Array }[]): NodeRecord =>
  decodeRecord(signRecord({ seq: 1n, entries, privateKey: new Uint8Array(32).fill(1) }).bytes)

describe('the `eth` entry', () => {
  test('holds the fork ID in a list of its own, and what follows is ignored (EIP-2124; enr-entries, "eth")', () => {
    const { key, value } = ethEntry.of(atHead)
    expect(key).toBe('eth')
    expect(hexOf(value)).toBe(`c7c684${hexOf(atHead.hash)}80`)
    expect(record({ key, value }).get(ethEntry)).toEqual(atHead)
    const longer = encodeList([value.subarray(1), encodeUint(5)])
    expect(record({ key, value: longer }).get(ethEntry)).toEqual(atHead)
    expect(record({ key, value: encodeList([]) }).get(ethEntry)).toBeUndefined()
  })

  test('is given to the server by the protocol', () => {
    const [entry] = eth({ ...context, network: 1337 }).recordEntries!()
    expect(entry).toEqual(ethEntry.of(atHead))
  })
})

describe('the fork filter', () => {
  const isOnChain = forkFilter(context)

  test('takes nodes that may be on the chain', () => {
    expect(isOnChain(record(ethEntry.of(atHead)))).toBe(true)
    const atGenesis = forkId(config, chain.genesis, { number: 0n, timestamp: 0n })
    expect(isOnChain(record(ethEntry.of(atGenesis)))).toBe(true)
  })

  test('refuses other chains, stale nodes, and records without the entry', () => {
    expect(isOnChain(record(ethEntry.of({ hash: new Uint8Array(4), next: 0n })))).toBe(false)
    const atGenesis = forkId(config, chain.genesis, { number: 0n, timestamp: 0n })
    expect(isOnChain(record(ethEntry.of({ ...atGenesis, next: 999n })))).toBe(false)
    expect(isOnChain(record())).toBe(false)
  })
})
