import {
  blobBaseFee,
  blobParameters,
  type ChainConfig,
  decodeHeader,
  decodeReceipts,
  type Header,
  logsBloom,
  type Receipt,
  splitBody,
} from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import { encodeBytes, encodeList, encodeUint } from '@ethwire/rlp-codec'
import type { StoredBlock } from './block-json.ts'
import { hexBytes, hexQuantity } from './hex.ts'
import { rpcError } from './rpc-error.ts'
import { effectiveGasPrice, type ResolvedTransaction, resolveTransaction } from './transaction-json.ts'

/** What the JSON of a chain's receipts depends on. */
export interface ReceiptContext {
  readonly config: ChainConfig
  readonly crypto: Crypto
}

const gasPerBlob = 131_072

/** geth's JSON of a block's receipts, from their eth/69 form. */
export function receiptsJson(block: StoredBlock, encoded: Uint8Array, { config, crypto }: ReceiptContext): object[] {
  const header = decodeHeader(block.header)
  const { transactions } = splitBody(block.body)
  const receipts = decodeReceipts(encoded)
  if (transactions.length !== receipts.length) {
    throw rpcError('failed', `receipts length mismatch: ${transactions.length} vs ${receipts.length}`)
  }
  let logIndex = 0
  let gasBefore = 0n
  return receipts.map((receipt, index) => {
    const item = transactions[index] as Uint8Array
    const resolved = resolveTransaction(item, config.chainId, crypto)
    const place = { header, blockHash: block.hash, index, logIndex, gasUsed: receipt.cumulativeGasUsed - gasBefore }
    logIndex += receipt.logs.length
    gasBefore = receipt.cumulativeGasUsed
    return receiptJson(receipt, resolved, place, { config, crypto })
  })
}

interface ReceiptPlace {
  readonly header: Header
  readonly blockHash: Uint8Array
  readonly index: number
  /** In the block. */
  readonly logIndex: number
  readonly gasUsed: bigint
}

function receiptJson(
  receipt: Receipt,
  { transaction, hash, sender }: ResolvedTransaction,
  { header, blockHash, index, logIndex, gasUsed }: ReceiptPlace,
  { config, crypto }: ReceiptContext,
): object {
  const inBlock = {
    blockHash: hexBytes(blockHash),
    blockNumber: hexQuantity(header.number),
    transactionHash: hexBytes(hash),
    transactionIndex: hexQuantity(index),
  }
  const created = transaction.to === undefined ? hexBytes(contractAddress(sender, transaction.nonce, crypto)) : null
  return {
    ...inBlock,
    from: hexBytes(sender),
    to: transaction.to === undefined ? null : hexBytes(transaction.to),
    gasUsed: hexQuantity(gasUsed),
    cumulativeGasUsed: hexQuantity(receipt.cumulativeGasUsed),
    contractAddress: created,
    logs: receipt.logs.map(({ address, topics, data }, i) => ({
      address: hexBytes(address),
      topics: topics.map(hexBytes),
      data: hexBytes(data),
      ...inBlock,
      blockTimestamp: hexQuantity(header.timestamp),
      logIndex: hexQuantity(logIndex + i),
      removed: false,
    })),
    logsBloom: hexBytes(logsBloom(receipt.logs, crypto)),
    type: hexQuantity(transaction.type),
    effectiveGasPrice: hexQuantity(effectiveGasPrice(transaction, header.baseFeePerGas)),
    ...(receipt.postState === undefined
      ? { status: hexQuantity(receipt.status ?? 0) }
      : { root: hexBytes(receipt.postState) }),
    ...(transaction.type === 3 ? blobFields(transaction.blobVersionedHashes.length, header, config) : {}),
  }
}

function blobFields(blobs: number, header: Header, config: ChainConfig): object {
  const fraction = blobParameters(config, header)?.baseFeeUpdateFraction
  const price = fraction === undefined ? 0n : blobBaseFee(header.excessBlobGas ?? 0n, fraction)
  return { blobGasUsed: hexQuantity(blobs * gasPerBlob), blobGasPrice: hexQuantity(price) }
}

/** The address of a contract that a transaction creates: the end of keccak(rlp([sender, nonce])). */
function contractAddress(sender: Uint8Array, nonce: bigint, crypto: Crypto): Uint8Array {
  return crypto.keccak256(encodeList([encodeBytes(sender), encodeUint(nonce)])).subarray(12)
}
