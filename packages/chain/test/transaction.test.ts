import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import {
  decodeTransaction,
  recoverSender,
  signingHash,
  transactionChainId,
  transactionEnvelope,
  transactionHash,
  transactionItem,
} from '../src/index.ts'
import { expectCode, hex, vectors } from './helpers.ts'

interface TransactionVector {
  readonly type: number
  readonly envelope: string
  readonly item: string
  readonly hash: string
  readonly sender: string
  readonly signingHash: string
  readonly json: Readonly<Record<string, string>>
}

const { transactions } = vectors<{ readonly transactions: readonly TransactionVector[] }>('transactions.json')
const to0x = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`

describe.each(transactions.map((vector, index) => ({ index, ...vector })))(
  'transaction $index of type $type',
  (vector) => {
    const envelope = hex(vector.envelope)
    const transaction = decodeTransaction(envelope)

    test('goes from item to envelope and back without change', () => {
      expect(to0x(transactionEnvelope(hex(vector.item)))).toBe(vector.envelope)
      expect(to0x(transactionItem(envelope))).toBe(vector.item)
    })

    test("has geth's hashes and sender", () => {
      expect(to0x(transactionHash(envelope))).toBe(vector.hash)
      expect(to0x(signingHash(transaction))).toBe(vector.signingHash)
      expect(to0x(recoverSender(transaction))).toBe(vector.sender)
    })

    test("has the fields of geth's JSON", () => {
      const { json } = vector
      expect(transaction.type).toBe(vector.type)
      expect(transaction.nonce).toBe(BigInt(json.nonce ?? ''))
      expect(transaction.gasLimit).toBe(BigInt(json.gas ?? ''))
      expect(transaction.value).toBe(BigInt(json.value ?? ''))
      expect(to0x(transaction.data)).toBe(json.input)
      expect(transaction.to && to0x(transaction.to)).toBe(json.to ?? undefined)
      expect(transaction.r).toBe(BigInt(json.r ?? ''))
      expect(transaction.s).toBe(BigInt(json.s ?? ''))
      const chainId = transactionChainId(transaction)
      expect(chainId).toBe(json.chainId === undefined ? undefined : BigInt(json.chainId))
      if ('maxFeePerGas' in transaction) expect(transaction.maxFeePerGas).toBe(BigInt(json.maxFeePerGas ?? ''))
      else expect(transaction.gasPrice).toBe(BigInt(json.gasPrice ?? ''))
    })
  },
)

describe('a transaction', () => {
  test('of an unknown type is refused', () => {
    expectCode(() => decodeTransaction(hex('05c0')), 'CHAIN_TRANSACTION')
    expectCode(() => decodeTransaction(new Uint8Array(0)), 'CHAIN_TRANSACTION')
  })

  test('that is an empty byte string, or has bytes after it, is no item', () => {
    expectCode(() => transactionEnvelope(hex('80')), 'CHAIN_TRANSACTION')
    expectCode(() => transactionEnvelope(hex('820102ff')), 'CHAIN_TRANSACTION')
    expectCode(() => transactionEnvelope(new Uint8Array(0)), 'CHAIN_RLP')
  })

  test('with a missing field is refused', () => {
    expectCode(() => decodeTransaction(hex('02c0')), 'CHAIN_RLP')
  })

  test('with s in the upper half, a wrong parity or no point has no sender', () => {
    const good = decodeTransaction(hex(transactions[6]?.envelope ?? ''))
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    expectCode(() => recoverSender({ ...good, s: n - good.s }), 'CHAIN_SIGNATURE')
    expectCode(() => recoverSender({ ...good, r: 0n }), 'CHAIN_SIGNATURE')
    if (good.type === 0) throw new Error('expected a typed transaction')
    expectCode(() => recoverSender({ ...good, yParity: 2 }), 'CHAIN_SIGNATURE')
    const legacy = decodeTransaction(hex(transactions[0]?.envelope ?? ''))
    if (legacy.type !== 0) throw new Error('expected a legacy transaction')
    expectCode(() => recoverSender({ ...legacy, v: 29n }), 'CHAIN_SIGNATURE')
  })
})
