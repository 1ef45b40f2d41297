import {
  type AccessListEntry,
  type Authorization,
  decodeTransaction,
  recoverSender,
  type Transaction,
  transactionChainId,
  transactionEnvelope,
  transactionHash,
} from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import { hexBytes, hexQuantity } from './hex.ts'

/** What of its block a transaction's JSON needs. */
export interface BlockPlace {
  readonly hash: Uint8Array
  readonly number: bigint
  readonly timestamp: bigint
  readonly baseFeePerGas?: bigint | undefined
}

/** A transaction with what has to be computed. */
export interface ResolvedTransaction {
  readonly transaction: Transaction
  readonly hash: Uint8Array
  readonly sender: Uint8Array
}

/** Decodes a transaction as it stands in a body. As in geth, a sender that cannot be recovered is the zero address. */
export function resolveTransaction(item: Uint8Array, chainId: bigint, crypto: Crypto): ResolvedTransaction {
  const envelope = transactionEnvelope(item)
  const transaction = decodeTransaction(envelope)
  return { transaction, hash: transactionHash(envelope, crypto), sender: senderOf(transaction, chainId, crypto) }
}

function senderOf(transaction: Transaction, chainId: bigint, crypto: Crypto): Uint8Array {
  const bound = transactionChainId(transaction)
  if (bound !== undefined && bound !== chainId) return new Uint8Array(20)
  try {
    return recoverSender(transaction, crypto)
  } catch {
    return new Uint8Array(20)
  }
}

/** What the sender paid for a unit of gas (EIP-1559). */
export function effectiveGasPrice(transaction: Transaction, baseFee: bigint | undefined): bigint {
  if (transaction.type === 0 || transaction.type === 1) return transaction.gasPrice
  const { maxFeePerGas, maxPriorityFeePerGas } = transaction
  if (baseFee === undefined) return maxFeePerGas
  const price = maxPriorityFeePerGas + baseFee
  if (price > maxFeePerGas) return maxFeePerGas
  return price
}

/** geth's `RPCTransaction` of a transaction in a block. */
export function transactionJson(resolved: ResolvedTransaction, index: number, block: BlockPlace): object {
  const { transaction, hash, sender } = resolved
  return {
    blockHash: hexBytes(block.hash),
    blockNumber: hexQuantity(block.number),
    blockTimestamp: hexQuantity(block.timestamp),
    from: hexBytes(sender),
    gas: hexQuantity(transaction.gasLimit),
    gasPrice: hexQuantity(effectiveGasPrice(transaction, block.baseFeePerGas)),
    hash: hexBytes(hash),
    input: hexBytes(transaction.data),
    nonce: hexQuantity(transaction.nonce),
    to: transaction.to === undefined ? null : hexBytes(transaction.to),
    transactionIndex: hexQuantity(index),
    value: hexQuantity(transaction.value),
    type: hexQuantity(transaction.type),
    r: hexQuantity(transaction.r),
    s: hexQuantity(transaction.s),
    ...typedFields(transaction),
  }
}

function typedFields(transaction: Transaction): object {
  const chainId = transactionChainId(transaction)
  if (transaction.type === 0) {
    return { v: hexQuantity(transaction.v), ...(chainId ? { chainId: hexQuantity(chainId) } : {}) }
  }
  return {
    v: hexQuantity(transaction.yParity),
    yParity: hexQuantity(transaction.yParity),
    chainId: hexQuantity(transaction.chainId),
    accessList: transaction.accessList.map(accessListEntryJson),
    ...(transaction.type === 1
      ? {}
      : {
          maxFeePerGas: hexQuantity(transaction.maxFeePerGas),
          maxPriorityFeePerGas: hexQuantity(transaction.maxPriorityFeePerGas),
        }),
    ...(transaction.type === 3 ? blobFields(transaction.maxFeePerBlobGas, transaction.blobVersionedHashes) : {}),
    // geth leaves empty lists of these out.
    ...(transaction.type === 4 && transaction.authorizationList.length > 0
      ? { authorizationList: transaction.authorizationList.map(authorizationJson) }
      : {}),
  }
}

function blobFields(maxFeePerBlobGas: bigint, hashes: readonly Uint8Array[]): object {
  return {
    maxFeePerBlobGas: hexQuantity(maxFeePerBlobGas),
    ...(hashes.length > 0 ? { blobVersionedHashes: hashes.map(hexBytes) } : {}),
  }
}

function accessListEntryJson({ address, storageKeys }: AccessListEntry): object {
  return { address: hexBytes(address), storageKeys: storageKeys.map(hexBytes) }
}

function authorizationJson({ chainId, address, nonce, yParity, r, s }: Authorization): object {
  return {
    chainId: hexQuantity(chainId),
    address: hexBytes(address),
    nonce: hexQuantity(nonce),
    yParity: hexQuantity(yParity),
    r: hexQuantity(r),
    s: hexQuantity(s),
  }
}
