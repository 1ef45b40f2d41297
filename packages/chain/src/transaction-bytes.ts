import { pureCrypto } from '@ethwire/crypto'
import { encodeBytes, readItem } from '@ethwire/rlp-codec'
import { ChainError } from './errors.ts'
import type { Hasher } from './hasher.ts'
import { guardRlp } from './rlp-guard.ts'

/**
 * From a transaction as it stands in a body to its envelope, the bytes that are hashed (EIP-2718): a legacy transaction
 * is its own, a typed one is the content of a byte string. A view.
 * @throws ChainError `CHAIN_RLP`, `CHAIN_TRANSACTION` for an empty byte string
 */
export function transactionEnvelope(item: Uint8Array): Uint8Array {
  if ((item[0] as number) >= 0xc0) return item
  const { payloadStart, end } = guardRlp('transaction', () => readItem(item))
  if (end !== item.length || end === payloadStart) {
    throw new ChainError('CHAIN_TRANSACTION', 'expected a list, or one byte string with a typed transaction')
  }
  return item.subarray(payloadStart, end)
}

/** From an envelope to the item that stands in a body. */
export function transactionItem(envelope: Uint8Array): Uint8Array {
  return (envelope[0] ?? 0) >= 0xc0 ? envelope : encodeBytes(envelope)
}

/** The transaction's hash, 32 bytes: keccak-256 of its envelope. */
export function transactionHash(envelope: Uint8Array, crypto: Hasher = pureCrypto): Uint8Array {
  return crypto.keccak256(envelope)
}
