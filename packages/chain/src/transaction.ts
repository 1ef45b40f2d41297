import { bytes, decode, fixedBytes, list, optionalBytes, type Schema, struct, u8, u64, u256 } from '@ethwire/rlp-codec'
import { ChainError } from './errors.ts'
import { guardRlp } from './rlp-guard.ts'

/** What every transaction has. `to` is absent where a contract is created. */
interface TransactionBase {
  /** The bytes it was decoded from: what is hashed. */
  readonly envelope: Uint8Array
  readonly nonce: bigint
  readonly gasLimit: bigint
  readonly to?: Uint8Array | undefined
  readonly value: bigint
  readonly data: Uint8Array
  readonly r: bigint
  readonly s: bigint
}

interface ChainBound {
  readonly chainId: bigint
  readonly accessList: readonly AccessListEntry[]
  readonly yParity: number
}

interface FeeMarket {
  readonly maxPriorityFeePerGas: bigint
  readonly maxFeePerGas: bigint
}

/** EIP-2930. */
export interface AccessListEntry {
  readonly address: Uint8Array
  readonly storageKeys: readonly Uint8Array[]
}

/** EIP-7702: the authority's word that its account may run the code at `address`. */
export interface Authorization {
  readonly chainId: bigint
  readonly address: Uint8Array
  readonly nonce: bigint
  readonly yParity: number
  readonly r: bigint
  readonly s: bigint
}

/** Before EIP-2718. `v` carries the chain ID since EIP-155. */
export interface LegacyTransaction extends TransactionBase {
  readonly type: 0
  readonly gasPrice: bigint
  readonly v: bigint
}

/** EIP-2930. */
export interface AccessListTransaction extends TransactionBase, ChainBound {
  readonly type: 1
  readonly gasPrice: bigint
}

/** EIP-1559. */
export interface FeeMarketTransaction extends TransactionBase, ChainBound, FeeMarket {
  readonly type: 2
}

/** EIP-4844, as blocks hold it: without its blobs. */
export interface BlobTransaction extends TransactionBase, ChainBound, FeeMarket {
  readonly type: 3
  readonly to: Uint8Array
  readonly maxFeePerBlobGas: bigint
  readonly blobVersionedHashes: readonly Uint8Array[]
}

/** EIP-7702. */
export interface SetCodeTransaction extends TransactionBase, ChainBound, FeeMarket {
  readonly type: 4
  readonly to: Uint8Array
  readonly authorizationList: readonly Authorization[]
}

export type Transaction =
  | LegacyTransaction
  | AccessListTransaction
  | FeeMarketTransaction
  | BlobTransaction
  | SetCodeTransaction

const maxDataBytes = 16 * 1024 * 1024
const address = fixedBytes(20)
const hash = fixedBytes(32)

const accessList: Schema<AccessListEntry[]> = list(struct({ address, storageKeys: list(hash, 65_536) }), 65_536)

const authorization: Schema<Authorization> = struct({
  chainId: u256,
  address,
  nonce: u64,
  yParity: u8,
  r: u256,
  s: u256,
})

const call = { gasLimit: u64, to: optionalBytes(20), value: u256, data: bytes(maxDataBytes) }
const callTo = { ...call, to: address }
const signature = { yParity: u8, r: u256, s: u256 }
const feeMarket = { chainId: u256, nonce: u64, maxPriorityFeePerGas: u256, maxFeePerGas: u256 }

const legacySchema = struct({ nonce: u64, gasPrice: u256, ...call, v: u256, r: u256, s: u256 })
const accessListSchema = struct({ chainId: u256, nonce: u64, gasPrice: u256, ...call, accessList, ...signature })
const feeMarketSchema = struct({ ...feeMarket, ...call, accessList, ...signature })
const blobSchema = struct({
  ...feeMarket,
  ...callTo,
  accessList,
  maxFeePerBlobGas: u256,
  blobVersionedHashes: list(hash, 4096),
  ...signature,
})
const setCodeSchema = struct({
  ...feeMarket,
  ...callTo,
  accessList,
  authorizationList: list(authorization, 65_536),
  ...signature,
})

/**
 * Reads all fields of a transaction from its envelope. Byte fields are views. Signature and content are not judged.
 * @throws ChainError `CHAIN_RLP`, `CHAIN_TRANSACTION` for a type that is not known
 */
export function decodeTransaction(envelope: Uint8Array): Transaction {
  const type = envelope[0] ?? 0
  return guardRlp('transaction', () => {
    if (type >= 0xc0) return { type: 0, envelope, ...decode(legacySchema, envelope) }
    const fields = envelope.subarray(1)
    switch (type) {
      case 1:
        return { type, envelope, ...decode(accessListSchema, fields) }
      case 2:
        return { type, envelope, ...decode(feeMarketSchema, fields) }
      case 3:
        return { type, envelope, ...decode(blobSchema, fields) }
      case 4:
        return { type, envelope, ...decode(setCodeSchema, fields) }
      default:
        throw new ChainError('CHAIN_TRANSACTION', `transaction type ${type} is not known`)
    }
  })
}
