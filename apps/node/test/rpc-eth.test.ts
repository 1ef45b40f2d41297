import type { JSONRPCErrorException } from 'json-rpc-2.0'
import { beforeAll, describe, expect, test } from 'vitest'
import { openChain } from '../src/chain.ts'
import { ethNamespace, type SyncProgress } from '../src/rpc/eth.ts'
import type { RpcNamespace } from '../src/rpc/methods.ts'
import { createRpcChain } from '../src/rpc-chain.ts'
import { crypto, importInto, sampleHead, sampleNetwork } from './support.ts'

interface Block {
  readonly number: string
  readonly hash: string
  readonly transactions: readonly unknown[]
}

let eth: RpcNamespace
let syncing: SyncProgress | undefined
const headHex = '0x4b0'

beforeAll(async () => {
  const network = await sampleNetwork()
  const chain = await openChain(undefined, network)
  await importInto(chain)
  await chain.store.markReceiptsUnavailable({ ...chain.store.head(), reason: 'larger than a message' })
  const { config } = network
  eth = ethNamespace({ chain: createRpcChain(chain.store), config, crypto, syncProgress: () => syncing })
  return () => chain[Symbol.asyncDispose]()
})

const ask = async (method: string, ...params: unknown[]): Promise<unknown> => await eth[method]?.(params)
const refused = (method: string, ...params: unknown[]): Promise<JSONRPCErrorException> =>
  Promise.resolve()
    .then(() => ask(method, ...params))
    .then(
      () => expect.unreachable(),
      (error: JSONRPCErrorException) => error,
    )

describe('eth', () => {
  test('knows the chain and its head', async () => {
    expect(await ask('chainId')).toBe('0x146966')
    expect(await ask('blockNumber')).toBe(headHex)
    expect(await ask('syncing')).toBe(false)
  })

  test('tells of a sync with all the keys that geth has', async () => {
    syncing = { startingBlock: 0, currentBlock: 16, highestBlock: 1200 }
    const answer = (await ask('syncing')) as Record<string, string>
    syncing = undefined
    expect(answer).toMatchObject({
      startingBlock: '0x0',
      currentBlock: '0x10',
      highestBlock: headHex,
      healedTrienodes: '0x0',
    })
    expect(Object.keys(answer)).toHaveLength(22)
  })

  test('finds blocks by number, by tag and by hash', async () => {
    const latest = (await ask('getBlockByNumber', 'latest', false)) as Block
    expect(latest).toMatchObject({ number: headHex, hash: sampleHead.hash })
    expect(await ask('getBlockByNumber', headHex, false)).toEqual(latest)
    expect(await ask('getBlockByHash', sampleHead.hash, false)).toEqual(latest)
    expect(await ask('getBlockByNumber', 'earliest', true)).toMatchObject({
      number: '0x0',
      hash: '0xd5fe693948167e0fc7515d9438e6c68a8e96fd8e0f4564d678e4965691e1f069',
    })
  })

  test('says null of blocks that are not there', async () => {
    expect(await ask('getBlockByNumber', '0x4b1', false)).toBeNull()
    expect(await ask('getBlockByNumber', '0x7fffffffffffffff', false)).toBeNull()
    expect(await ask('getBlockByHash', `0x${'11'.repeat(32)}`, true)).toBeNull()
    expect(await ask('getBlockReceipts', `0x${'11'.repeat(32)}`)).toBeNull()
    expect(await ask('getBlockReceipts', '0x4b1')).toBeNull()
  })

  test('has no pending, safe or final block', async () => {
    for (const [tag, message] of [
      ['pending', 'pending block is not available'],
      ['safe', 'safe block not found'],
      ['finalized', 'finalized block not found'],
    ]) {
      expect(await refused('getBlockByNumber', tag, false)).toMatchObject({ code: -32000, message })
    }
  })

  test('says why there are no receipts', async () => {
    expect(await ask('getBlockReceipts', '0x0')).toEqual([])
    expect(await refused('getBlockReceipts', 'latest')).toMatchObject({
      code: -32000,
      message: 'receipts unavailable: larger than a message',
    })
    expect(await refused('getBlockReceipts', { blockNumber: '0x1' })).toMatchObject({
      message: expect.stringMatching(/^receipts unavailable: .*--receipts/),
    })
  })

  test.each([
    [undefined, 'missing value for required argument 0'],
    [1, 'invalid argument 0: a block number is a string'],
    ['1', 'invalid argument 0: hex string without 0x prefix'],
    ['', 'invalid argument 0: empty hex string'],
    ['0x', 'invalid argument 0: hex string "0x"'],
    ['0x01', 'invalid argument 0: hex number with leading zero digits'],
    ['0xg', 'invalid argument 0: invalid hex string'],
    ['0xffffffffffffffff', 'invalid argument 0: block number larger than int64'],
    ['0x8000000000000000', 'invalid argument 0: block number larger than int64'],
    [`0x${'f'.repeat(100_000)}`, 'invalid argument 0: hex number > 64 bits'],
  ])('refuses %o as a block number', async (given, message) => {
    expect(await refused('getBlockByNumber', given, false)).toMatchObject({ code: -32602, message })
  })

  test("refuses missing and surplus arguments in geth's words", async () => {
    for (const method of ['getBlockByNumber', 'getBlockByHash', 'getBlockReceipts']) {
      expect(await refused(method), method).toMatchObject({
        code: -32602,
        message: 'missing value for required argument 0',
      })
    }
    for (const [method, most] of [
      ['chainId', 0],
      ['blockNumber', 0],
      ['syncing', 0],
      ['getBlockByNumber', 2],
      ['getBlockByHash', 2],
      ['getBlockReceipts', 1],
    ] as const) {
      expect(await refused(method, ...Array.from({ length: most + 1 }, () => 'latest')), method).toMatchObject({
        code: -32602,
        message: `too many arguments, want at most ${most}`,
      })
    }
  })

  test('refuses other wrong parameters', async () => {
    expect(await refused('getBlockByNumber', 'latest')).toMatchObject({ code: -32602 })
    expect(await refused('getBlockByNumber', 'latest', 'yes')).toMatchObject({ code: -32602 })
    expect(await refused('getBlockByHash', '0x12', true)).toMatchObject({ code: -32602 })
    expect(await refused('getBlockReceipts', { blockHash: sampleHead.hash, blockNumber: '0x1' })).toMatchObject({
      code: -32602,
    })
    expect(await refused('getBlockReceipts', [])).toMatchObject({ code: -32602 })
  })
})
