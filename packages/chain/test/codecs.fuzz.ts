import { pureCrypto } from '@ethwire/crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ChainError,
  createBlockFileDecoder,
  createBloomBuilder,
  decodeConsensusReceipt,
  decodeHeader,
  decodeReceipt,
  decodeTransaction,
  decodeWithdrawal,
  encodeBlock,
  encodeBody,
  encodeConsensusReceipt,
  encodeHeader,
  encodeReceipt,
  encodeWithdrawal,
  type Header,
  orderedRoot,
  type Receipt,
  splitBlock,
  splitBody,
  splitReceipts,
  toConsensusReceipt,
  transactionEnvelope,
} from '../src/index.ts'
import { trieRoot } from '../src/trie.ts'
import { naiveRoot } from './naive-trie.ts'

const fixed = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const u256 = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })

const required = {
  parentHash: fixed(32),
  ommersHash: fixed(32),
  coinbase: fixed(20),
  stateRoot: fixed(32),
  transactionsRoot: fixed(32),
  receiptsRoot: fixed(32),
  logsBloom: fixed(256),
  difficulty: fc.bigInt({ min: 0n, max: (1n << 80n) - 1n }),
  number: u64,
  gasLimit: u64,
  gasUsed: u64,
  timestamp: u64,
  extraData: fc.uint8Array({ maxLength: 200 }),
  mixHash: fixed(32),
  nonce: fixed(8),
}
const tail = {
  baseFeePerGas: u256,
  withdrawalsRoot: fixed(32),
  blobGasUsed: u64,
  excessBlobGas: u64,
  parentBeaconBlockRoot: fixed(32),
  requestsHash: fixed(32),
  blockAccessListHash: fixed(32),
  slotNumber: u64,
}

const header: fc.Arbitrary<Header> = fc.nat({ max: 8 }).chain((count) => {
  const fields = Object.fromEntries(Object.entries(tail).slice(0, count))
  return fc.record({ ...required, ...fields }, { noNullPrototype: true }) as fc.Arbitrary<Header>
})

const receipt: fc.Arbitrary<Receipt> = fc
  .tuple(
    fc.nat({ max: 0x7f }),
    fc.oneof(
      fc.constantFrom({ status: 0 as const }, { status: 1 as const }),
      fixed(32).map((postState) => ({ postState })),
    ),
    u64,
    fc.array(
      fc.record(
        { address: fixed(20), topics: fc.array(fixed(32), { maxLength: 4 }), data: fc.uint8Array({ maxLength: 100 }) },
        { noNullPrototype: true },
      ),
      { maxLength: 5 },
    ),
  )
  .map(([type, outcome, cumulativeGasUsed, logs]) => ({ type, ...outcome, cumulativeGasUsed, logs }))

test('every header comes back as it was', () => {
  fc.assert(
    fc.property(header, (value) => {
      expect(decodeHeader(encodeHeader(value))).toEqual(value)
    }),
  )
})

test('every receipt comes back from both forms, and both ways to the consensus form agree', () => {
  fc.assert(
    fc.property(receipt, (value) => {
      const item = encodeReceipt(value)
      expect(decodeReceipt(item)).toEqual(value)
      const consensus = encodeConsensusReceipt(value)
      expect(toConsensusReceipt(item, createBloomBuilder())).toEqual(consensus)
      expect(encodeReceipt(decodeConsensusReceipt(consensus))).toEqual(item)
    }),
  )
})

test('every withdrawal comes back as it was', () => {
  const withdrawal = fc.record(
    { index: u64, validatorIndex: u64, address: fixed(20), amount: u64 },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(withdrawal, (value) => {
      expect(decodeWithdrawal(encodeWithdrawal(value))).toEqual(value)
    }),
  )
})

test('bodies and blocks come back as they were, whatever items they hold', () => {
  const item = fc
    .uint8Array({ minLength: 2, maxLength: 55 })
    .map((bytes) => Uint8Array.of(0x80 + bytes.length, ...bytes))
  const body = fc.tuple(fc.array(item, { maxLength: 40 }), fc.option(fc.array(item), { nil: undefined }))
  fc.assert(
    fc.property(body, header, ([transactions, withdrawals], value) => {
      const parts = { transactions, ommers: Uint8Array.of(0xc0), ...(withdrawals === undefined ? {} : { withdrawals }) }
      const block = { header: encodeHeader(value), body: encodeBody(parts) }
      expect(splitBody(block.body)).toEqual(parts)
      expect(splitBlock(encodeBlock(block))).toEqual(block)
    }),
  )
})

test('the root over a list is that of a trie built by the book', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 80 }), { maxLength: 300 }), (items) => {
      expect(orderedRoot(items)).toEqual(naiveRoot(items))
    }),
  )
})

test('the root over any keys of one length does not depend on how they were found', () => {
  const entries = fc.uniqueArray(fc.tuple(fixed(3), fc.uint8Array({ minLength: 1, maxLength: 40 })), {
    selector: ([key]) => key.join(),
    minLength: 1,
    maxLength: 60,
  })
  fc.assert(
    fc.property(entries, (pairs) => {
      const sorted = pairs.toSorted(([a], [b]) => Buffer.compare(a, b))
      const root = trieRoot({ keys: sorted.map(([key]) => key), values: sorted.map(([, value]) => value) }, pureCrypto)
      expect(root).toEqual(
        naiveRoot(
          pairs.map(([, value]) => value),
          pairs.map(([key]) => key),
        ),
      )
    }),
  )
})

test('no bytes make a decoder throw anything but a ChainError', () => {
  const decoders: readonly ((bytes: Uint8Array) => unknown)[] = [
    decodeHeader,
    splitBody,
    splitBlock,
    splitReceipts,
    decodeReceipt,
    decodeConsensusReceipt,
    decodeTransaction,
    decodeWithdrawal,
    transactionEnvelope,
    (bytes) => toConsensusReceipt(bytes, createBloomBuilder()),
    (bytes) => createBlockFileDecoder().push(bytes),
  ]
  const lists = fc.uint8Array({ maxLength: 54 }).map((bytes) => Uint8Array.of(0xc0 + bytes.length, ...bytes))
  const typed = fc.tuple(fc.nat({ max: 5 }), lists).map(([type, bytes]) => Uint8Array.of(type, ...bytes))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), lists, typed), (bytes) => {
      for (const decode of decoders) {
        try {
          decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ChainError)
        }
      }
    }),
  )
})
