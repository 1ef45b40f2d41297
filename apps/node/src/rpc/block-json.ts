import {
  decodeHeader,
  decodeWithdrawal,
  encodeBlock,
  type Header,
  splitBody,
  transactionEnvelope,
  transactionHash,
} from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import { listItems } from '@ethwire/rlp-codec'
import { hexBytes, hexQuantity } from './hex.ts'
import { resolveTransaction, transactionJson } from './transaction-json.ts'

/** A block as the store has it. */
export interface StoredBlock {
  readonly hash: Uint8Array
  /** RLP. */
  readonly header: Uint8Array
  /** RLP: `[transactions, ommers, withdrawals?]`. */
  readonly body: Uint8Array
}

/** What the JSON of a chain's blocks depends on. */
export interface BlockContext {
  readonly chainId: bigint
  readonly crypto: Crypto
}

/** More ommers than any block may have. */
const maxOmmers = 64

/** geth's JSON of a block, with its transactions or, if not `full`, their hashes. */
export function blockJson(block: StoredBlock, full: boolean, { chainId, crypto }: BlockContext): object {
  const header = decodeHeader(block.header)
  const { transactions, ommers, withdrawals } = splitBody(block.body)
  const place = { ...header, hash: block.hash }
  return {
    ...headerJson(header, block.hash),
    size: hexQuantity(encodeBlock(block).length),
    transactions: transactions.map((item, index) =>
      full
        ? transactionJson(resolveTransaction(item, chainId, crypto), index, place)
        : hexBytes(transactionHash(transactionEnvelope(item), crypto)),
    ),
    uncles: listItems(ommers, maxOmmers).map((ommer) => hexBytes(crypto.keccak256(ommer))),
    ...(withdrawals === undefined ? {} : { withdrawals: withdrawals.map(withdrawalJson) }),
  }
}

function headerJson(header: Header, hash: Uint8Array): object {
  return {
    number: hexQuantity(header.number),
    hash: hexBytes(hash),
    parentHash: hexBytes(header.parentHash),
    nonce: hexBytes(header.nonce),
    mixHash: hexBytes(header.mixHash),
    sha3Uncles: hexBytes(header.ommersHash),
    logsBloom: hexBytes(header.logsBloom),
    stateRoot: hexBytes(header.stateRoot),
    miner: hexBytes(header.coinbase),
    difficulty: hexQuantity(header.difficulty),
    extraData: hexBytes(header.extraData),
    gasLimit: hexQuantity(header.gasLimit),
    gasUsed: hexQuantity(header.gasUsed),
    timestamp: hexQuantity(header.timestamp),
    transactionsRoot: hexBytes(header.transactionsRoot),
    receiptsRoot: hexBytes(header.receiptsRoot),
    ...quantities(header, ['baseFeePerGas', 'blobGasUsed', 'excessBlobGas', 'slotNumber']),
    ...hashes(header, ['withdrawalsRoot', 'parentBeaconBlockRoot', 'requestsHash', 'blockAccessListHash']),
  }
}

type KeysOf<T> = { [K in keyof Header]-?: NonNullable<Header[K]> extends T ? K : never }[keyof Header]

/** Fields of later forks: absent where the header has none. */
function quantities(header: Header, keys: readonly KeysOf<bigint>[]): object {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = header[key]
      return value === undefined ? [] : [[key, hexQuantity(value)]]
    }),
  )
}

function hashes(header: Header, keys: readonly KeysOf<Uint8Array>[]): object {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = header[key]
      return value === undefined ? [] : [[key, hexBytes(value)]]
    }),
  )
}

function withdrawalJson(item: Uint8Array): object {
  const { index, validatorIndex, address, amount } = decodeWithdrawal(item)
  return {
    index: hexQuantity(index),
    validatorIndex: hexQuantity(validatorIndex),
    address: hexBytes(address),
    amount: hexQuantity(amount),
  }
}
