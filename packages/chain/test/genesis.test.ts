import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { genesisBlock, hoodi, mainnet, parseGenesis, sepolia, splitBody } from '../src/index.ts'
import { expectCode, vectors } from './helpers.ts'

interface GenesisVectors {
  readonly cases: readonly { readonly name: string; readonly genesis: object; readonly hash: string }[]
}

describe('a genesis file', () => {
  for (const { name, genesis, hash } of vectors<GenesisVectors>('genesis.json').cases) {
    test(`has geth's hash: ${name}`, () => {
      const block = genesisBlock(parseGenesis(genesis))
      expect(`0x${bytesToHex(block.hash)}`).toBe(hash)
      expect(splitBody(block.body).transactions).toEqual([])
      expect(genesisBlock(parseGenesis(JSON.stringify(genesis))).hash).toEqual(block.hash)
    })
  }

  const minimal = { config: { chainId: 1 }, gasLimit: '0x1', difficulty: 1, alloc: {} }

  test('keeps numbers beyond 2^53 exact when it is given as text', () => {
    const text =
      '{"config":{"chainId":1,"terminalTotalDifficulty":58750000000000000000001},"gasLimit":"0x1","difficulty":1,"alloc":{}}'
    expect(parseGenesis(text).config.terminalTotalDifficulty).toBe(58_750_000_000_000_000_000_001n)
  })

  test('that lost digits by parsing says what to give instead', () => {
    const config = { chainId: 1, terminalTotalDifficulty: 5.875e22 }
    expect(() => parseGenesis({ ...minimal, config })).toThrow('give the text of the file')
  })

  test('treats null as absent and does not know what it need not know', () => {
    const genesis = parseGenesis({
      ...minimal,
      excessBlobGas: null,
      chainName: 'any',
      config: { chainId: 1, newTime: 5 },
    })
    expect(genesis.excessBlobGas).toBeUndefined()
    expect(genesis.config.timeForks).toEqual({})
  })

  test.each([
    ['no JSON', '{'],
    ['not an object', 7],
    ['no gas limit', { ...minimal, gasLimit: undefined }],
    ['no difficulty', { ...minimal, difficulty: undefined }],
    ['no alloc', { ...minimal, alloc: undefined }],
    ['a quantity that is none', { ...minimal, timestamp: 'soon' }],
    ['a negative quantity', { ...minimal, timestamp: -1 }],
    ['a quantity over its width', { ...minimal, timestamp: '0x10000000000000000' }],
    ['a short address', { ...minimal, alloc: { '0x12': { balance: '0x1' } } }],
    ['an account without balance', { ...minimal, alloc: { [`0x${'1'.repeat(40)}`]: {} } }],
    [
      'one account twice',
      { ...minimal, alloc: { [`0x${'a'.repeat(40)}`]: { balance: 1 }, ['A'.repeat(40)]: { balance: 1 } } },
    ],
    [
      'storage over 32 bytes',
      { ...minimal, alloc: { ['1'.repeat(40)]: { balance: '1', storage: { [`0x${'00'.repeat(33)}`]: '0x1' } } } },
    ],
  ])('is refused with %s', (_, genesis) => {
    expectCode(() => parseGenesis(genesis), 'CHAIN_GENESIS')
  })

  test.each([
    ['no config', { ...minimal, config: undefined }],
    ['no chain ID', { ...minimal, config: {} }],
    ['a fork that is no number', { ...minimal, config: { chainId: 1, londonBlock: {} } }],
    [
      'a blob schedule without fraction',
      { ...minimal, config: { chainId: 1, blobSchedule: { cancun: { target: 3, max: 6 } } } },
    ],
  ])('is refused with %s', (_, genesis) => {
    expectCode(() => parseGenesis(genesis), 'CHAIN_CONFIG')
  })
})

test.each([mainnet, sepolia, hoodi])('the genesis of $name has the hash that everyone knows', (network) => {
  expect(genesisBlock(network.genesis).hash).toEqual(network.genesisHash)
})
