import { sepolia } from '@ethwire/chain'
import { messagePipe } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import * as exported from '../src/index.ts'
import { config, createTestChain, hexOf, runSide } from './support.ts'

const chain = createTestChain(50)
const options = { network: 1337, config, genesis: chain.genesis, chain }

test('the package exports these names', () => {
  expect(Object.keys(exported).sort()).toEqual(['eth', 'ethEntry', 'ethVersions', 'forkFilter'])
})

describe('the protocol value', () => {
  test('offers the versions that were chosen, with their lengths', () => {
    expect(exported.eth(options).versions).toEqual({ 69: { length: 18 }, 70: { length: 18 } })
    expect(exported.eth({ ...options, versions: [69] }).versions).toEqual({ 69: { length: 18 } })
    expect(() => exported.eth({ ...options, versions: [] })).toThrow(RangeError)
    expect(() => exported.eth({ ...options, versions: [67 as 69] })).toThrow('eth/67 is not known; 69, 70 are')
  })

  test('knows its chain from a network as from its parts', () => {
    const { networkId: network, config, genesisHash: hash, genesis } = sepolia
    const parts = exported.eth({ network, config, genesis: { hash, timestamp: genesis.timestamp }, chain })
    const whole = exported.eth({ network: sepolia, chain })
    expect(whole.nodeInfo?.()).toEqual(parts.nodeInfo?.())
    expect(whole.recordEntries?.()).toEqual(parts.recordEntries?.())
    expect(() => exported.eth({ network, chain } as never)).toThrow('expected config beside it')
  })

  test('has no code twice in a version', () => {
    for (const { messages, length, retired } of Object.values(exported.ethVersions)) {
      const codes = [...Object.values(messages).map(({ code }) => code), ...Object.values(retired)]
      expect(new Set(codes).size).toBe(codes.length)
      expect(Math.max(...codes)).toBeLessThan(length)
    }
  })

  test('shows itself and its peers as geth does', async () => {
    const protocol = exported.eth(options)
    expect(JSON.parse(JSON.stringify(protocol.nodeInfo!()))).toEqual({
      network: 1337,
      genesis: `0x${hexOf(chain.genesis.hash)}`,
      config: { chainId: 1337, homesteadBlock: 0, londonBlock: 0, shanghaiTime: 0, cancunTime: 1000 },
      head: `0x${hexOf(chain.head().hash)}`,
    })
    expect(protocol.peerInfo!('00')).toBeUndefined()
  })
})

test('a peer is shown with its version and range while it is there', async () => {
  const protocol = exported.eth(options)
  const [end, other] = messagePipe({ version: 70 })
  const running = protocol.run(end)
  await runSide(other, { chain }).peer
  const latestBlockHash = `0x${hexOf(chain.head().hash)}`
  expect(protocol.peerInfo!(end.peer.id)).toEqual({ version: 70, earliestBlock: 0, latestBlock: 49, latestBlockHash })
  other.disconnect(0)
  await running
  expect(protocol.peerInfo!(end.peer.id)).toBeUndefined()
})
