import { readFile } from 'node:fs/promises'
import { encodeReceipt } from '@ethwire/chain'
import { encodeList } from '@ethwire/rlp-codec'
import { describe, expect, test } from 'vitest'
import type { OpenChain } from '../src/chain.ts'
import { blockJson, type StoredBlock } from '../src/rpc/block-json.ts'
import { receiptsJson } from '../src/rpc/receipt-json.ts'
import { crypto, emptySampleChain, importInto, sampleNetwork } from './support.ts'

interface GethLog {
  readonly address: string
  readonly topics: readonly string[]
  readonly data: string
}

interface GethReceipt {
  readonly type: string
  readonly status: string
  readonly cumulativeGasUsed: string
  readonly logs: readonly GethLog[]
}

interface GethBlock {
  readonly number: number
  readonly block: object
  readonly transactionHashes: readonly string[]
  readonly receipts: readonly GethReceipt[]
}

const vectors = new URL('./vectors/sample-chain-by-geth.json', import.meta.url)
const { blocks } = JSON.parse(await readFile(vectors, 'utf8')) as { blocks: GethBlock[] }

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))

/** As they come from a peer. */
function encodeReceipts(receipts: readonly GethReceipt[]): Uint8Array {
  return encodeList(
    receipts.map(({ type, status, cumulativeGasUsed, logs }) =>
      encodeReceipt({
        type: Number(type),
        status: status === '0x1' ? 1 : 0,
        cumulativeGasUsed: BigInt(cumulativeGasUsed),
        logs: logs.map(({ address, topics, data }) => ({
          address: bytes(address),
          topics: topics.map(bytes),
          data: bytes(data),
        })),
      }),
    ),
  )
}

async function storedBlock({ store }: OpenChain, number: number): Promise<StoredBlock> {
  const hash = await store.hashByNumber(number)
  const [header, body] = [await store.headerByHash(hash!), await store.bodyByHash(hash!)]
  return { hash: hash!, header: header!, body: body! }
}

describe("the JSON of the sample chain's blocks is geth's", async () => {
  const { config } = await sampleNetwork()
  const context = { chainId: config.chainId, config, crypto }

  test('with transactions of all types, with their hashes, and with receipts', async () => {
    const chain = await emptySampleChain()
    await importInto(chain)
    for (const { number, block, transactionHashes, receipts } of blocks) {
      const stored = await storedBlock(chain, number)
      expect(blockJson(stored, true, context)).toEqual(block)
      expect(blockJson(stored, false, context)).toEqual({ ...block, transactions: transactionHashes })
      expect(receiptsJson(stored, encodeReceipts(receipts), context)).toEqual(receipts)
    }
  })

  test('and the vectors have every type of transaction, a failed one, a creation and withdrawals', () => {
    const receipts = blocks.flatMap((block) => block.receipts)
    expect(new Set(receipts.map(({ type }) => type))).toEqual(new Set(['0x0', '0x1', '0x2', '0x3', '0x4']))
    expect(new Set(receipts.map(({ status }) => status))).toEqual(new Set(['0x0', '0x1']))
    expect(receipts.some((receipt) => 'contractAddress' in receipt && receipt.contractAddress !== null)).toBe(true)
    expect(blocks.some(({ block }) => 'withdrawals' in block && (block.withdrawals as unknown[]).length > 0)).toBe(true)
  })
})
