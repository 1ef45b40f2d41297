import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import {
  createBloomBuilder,
  decodeConsensusReceipt,
  decodeHeader,
  decodeReceipt,
  decodeReceipts,
  decodeTransaction,
  decodeWithdrawal,
  encodeBlock,
  encodeBody,
  encodeConsensusReceipt,
  encodeHeader,
  encodeReceipt,
  encodeWithdrawal,
  genesisBlock,
  headerHash,
  headerParentHash,
  parseGenesis,
  splitBlock,
  splitBody,
  splitReceipts,
  toConsensusReceipt,
  transactionEnvelope,
  verifyBody,
  verifyHeader,
  verifyReceipts,
} from '../src/index.ts'
import { type ChainVectors, expectCode, hex, vectors } from './helpers.ts'

const chain = vectors<ChainVectors>('chain.json')
const genesis = parseGenesis(chain.genesis)
const blocks = chain.blocks.map(({ block, hash, receipts, consensusReceipts }) => ({
  ...splitBlock(hex(block)),
  block: hex(block),
  hash: hex(hash),
  receipts: hex(receipts),
  consensusReceipts,
}))

describe("a chain of geth's through all forks from London to Amsterdam", () => {
  test('begins with the genesis and keeps all header rules', () => {
    const start = genesisBlock(genesis)
    expect(`0x${bytesToHex(start.hash)}`).toBe(chain.genesisHash)
    let parent = { header: decodeHeader(start.header), hash: start.hash }
    for (const { header: bytes, hash } of blocks) {
      const header = decodeHeader(bytes)
      expect(headerHash(bytes)).toEqual(hash)
      verifyHeader(header, parent, genesis.config)
      parent = { header, hash }
    }
    expect(parent.header.slotNumber).toBeDefined()
  })

  test('keeps every byte when headers, bodies and blocks are taken apart and put together', () => {
    for (const { block, header, body } of blocks) {
      expect(encodeHeader(decodeHeader(header))).toEqual(header)
      expect(encodeBody(splitBody(body))).toEqual(body)
      expect(encodeBlock({ header, body })).toEqual(block)
      for (const item of splitBody(body).withdrawals ?? [])
        expect(encodeWithdrawal(decodeWithdrawal(item))).toEqual(item)
    }
  })

  test('has bodies with the roots of their headers, and transactions that decode', () => {
    const types = new Set<number>()
    for (const { header, body } of blocks) {
      const { transactions } = verifyBody(decodeHeader(header), body)
      for (const item of transactions) types.add(decodeTransaction(transactionEnvelope(item)).type)
    }
    expect([...types].sort()).toEqual([0, 1, 2, 3, 4])
  })

  test('has receipts in eth/69 form with the roots of their headers', () => {
    for (const { header, receipts } of blocks) {
      expect(verifyReceipts(decodeHeader(header), receipts)).toEqual(splitReceipts(receipts))
      for (const item of splitReceipts(receipts)) expect(encodeReceipt(decodeReceipt(item))).toEqual(item)
    }
    expect(decodeReceipts(blocks[0]?.receipts ?? new Uint8Array()).flatMap(({ logs }) => logs).length).toBeGreaterThan(
      0,
    )
  })

  test("has geth's consensus receipts, from eth/69 bytes and from decoded receipts", () => {
    for (const { receipts, consensusReceipts } of blocks) {
      const builder = createBloomBuilder()
      for (const [index, wanted] of (consensusReceipts ?? []).entries()) {
        const item = splitReceipts(receipts)[index] as Uint8Array
        expect(`0x${bytesToHex(toConsensusReceipt(item, builder))}`).toBe(wanted)
        expect(`0x${bytesToHex(encodeConsensusReceipt(decodeReceipt(item)))}`).toBe(wanted)
        expect(encodeReceipt(decodeConsensusReceipt(hex(wanted)))).toEqual(item)
      }
    }
  })

  test('gives the parent hash without decoding the header', () => {
    expect(headerParentHash(blocks[1]?.header ?? new Uint8Array())).toEqual(blocks[0]?.hash)
  })
})

describe('a body', () => {
  const [first, second] = [blocks[2], blocks[4]]
  if (first === undefined || second === undefined) throw new Error('the vectors are too short')
  const header = decodeHeader(first.header)
  const parts = splitBody(first.body)

  test('of another block is refused', () => {
    expectCode(() => verifyBody(header, second.body), 'CHAIN_TRANSACTIONS_ROOT')
  })

  test('with a transaction left out, doubled or moved is refused', () => {
    const { transactions } = parts
    for (const changed of [
      transactions.slice(1),
      [...transactions, ...transactions.slice(0, 1)],
      transactions.toReversed(),
    ]) {
      expectCode(() => verifyBody(header, { ...parts, transactions: changed }), 'CHAIN_TRANSACTIONS_ROOT')
    }
  })

  test('with ommers where there are none is refused', () => {
    expectCode(() => verifyBody(header, { ...parts, ommers: hex('c1c0') }), 'CHAIN_OMMERS_HASH')
  })

  test('without its withdrawals, or with others, is refused', () => {
    const { withdrawals, ...without } = parts
    expect(withdrawals).toBeDefined()
    expectCode(() => verifyBody(header, without), 'CHAIN_WITHDRAWALS_ROOT')
    expectCode(() => verifyBody(header, { ...parts, withdrawals: [hex('c0')] }), 'CHAIN_WITHDRAWALS_ROOT')
  })

  test.each(['c0', 'c1c0', 'c4c0c0c0c0', 'c280c0', '', 'c2c0c0ff', 'f8'])('of %s is no body', (bytes) => {
    expectCode(() => splitBody(hex(bytes)), 'CHAIN_RLP')
  })

  test('case 42: of ten million empty lists is refused by its count', () => {
    const size = 10 * 1024 * 1024
    const bytes = new Uint8Array(size + 9).fill(0xc0)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, 0xfa00_0000 + size + 5)
    view.setUint32(4, 0xfa00_0000 + size)
    expectCode(() => splitBody(bytes), 'CHAIN_RLP')
  })
})

describe('receipts', () => {
  const block = blocks[0]
  if (block === undefined) throw new Error('the vectors are too short')
  const header = decodeHeader(block.header)
  const builder = createBloomBuilder()

  test('left out or of another block are refused', () => {
    const items = splitReceipts(block.receipts)
    expectCode(() => verifyReceipts(header, items.slice(1)), 'CHAIN_RECEIPTS_ROOT')
    expectCode(() => verifyReceipts(header, []), 'CHAIN_RECEIPTS_ROOT')
    expectCode(() => verifyReceipts(header, blocks[2]?.receipts ?? []), 'CHAIN_RECEIPTS_ROOT')
  })

  test.each([
    ['a type in its longer form', 'c400800180'],
    ['a type over 0x7f', 'c581808001c0'],
    ['bytes after the logs', 'c580800180c0'],
    ['logs that are bytes', 'c480800180'],
    ['a log that is bytes', 'c5808001c180'],
    ['nothing', 'c0'],
    ['a byte string', '83808001'],
  ])('with %s are refused', (_, bytes) => {
    expect(() => toConsensusReceipt(hex(bytes), builder)).toThrow(expect.objectContaining({ name: 'ChainError' }))
  })

  test('have a status of 0 or 1 or a state root', () => {
    expect(decodeReceipt(hex('c4808005c0'))).toMatchObject({ status: 0, cumulativeGasUsed: 5n })
    expect(decodeReceipt(hex('c4800105c0'))).toMatchObject({ status: 1 })
    const withRoot = hex(`e480a0${'11'.repeat(32)}05c0`)
    expect(decodeReceipt(withRoot).postState).toEqual(new Uint8Array(32).fill(0x11))
    expect(encodeReceipt(decodeReceipt(withRoot))).toEqual(withRoot)
    expectCode(() => decodeReceipt(hex('c4800205c0')), 'CHAIN_RECEIPT')
    expectCode(() => decodeReceipt(hex('c68082010105c0')), 'CHAIN_RECEIPT')
  })

  test('in consensus form of type 0 or beyond 0x7f are refused', () => {
    expectCode(() => decodeConsensusReceipt(hex('00c0')), 'CHAIN_RECEIPT')
    expectCode(() => decodeConsensusReceipt(hex('80c0')), 'CHAIN_RECEIPT')
    expectCode(() => decodeConsensusReceipt(new Uint8Array(0)), 'CHAIN_RECEIPT')
  })
})
