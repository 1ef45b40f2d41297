import { pureCrypto } from '@ethwire/crypto'
import { bytes, decode, encode, fixedBytes, readItem, type Schema, struct, u64, u256, uint } from '@ethwire/rlp-codec'
import { ChainError } from './errors.ts'
import type { Hasher } from './hasher.ts'
import { guardRlp, rlpFailure } from './rlp-guard.ts'

/**
 * A block header with all fields through Amsterdam. Byte fields are views into the bytes it was decoded from.
 * Fields of later forks are absent in headers of earlier ones.
 */
export interface Header {
  readonly parentHash: Uint8Array
  readonly ommersHash: Uint8Array
  readonly coinbase: Uint8Array
  readonly stateRoot: Uint8Array
  readonly transactionsRoot: Uint8Array
  readonly receiptsRoot: Uint8Array
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly difficulty: bigint
  readonly number: bigint
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  /** Seconds since 1970. */
  readonly timestamp: bigint
  readonly extraData: Uint8Array
  readonly mixHash: Uint8Array
  /** 8 bytes. */
  readonly nonce: Uint8Array
  /** Wei per gas. EIP-1559, London. */
  readonly baseFeePerGas?: bigint | undefined
  /** EIP-4895, Shanghai. */
  readonly withdrawalsRoot?: Uint8Array | undefined
  /** EIP-4844, Cancun. */
  readonly blobGasUsed?: bigint | undefined
  /** EIP-4844, Cancun. */
  readonly excessBlobGas?: bigint | undefined
  /** EIP-4788, Cancun. */
  readonly parentBeaconBlockRoot?: Uint8Array | undefined
  /** EIP-7685, Prague. */
  readonly requestsHash?: Uint8Array | undefined
  /** EIP-7928, Amsterdam. */
  readonly blockAccessListHash?: Uint8Array | undefined
  /** EIP-7843, Amsterdam. */
  readonly slotNumber?: bigint | undefined
}

/** No header is larger; one that its sender calls larger is not looked at. geth bounds the extra data at 100 KiB. */
export const maxHeaderBytes: number = 102_400 + 1024

const hash = fixedBytes(32)

/** The bounds are geth's sanity checks; what a fork allows is for the header rules. */
export const headerSchema: Schema<Header> = struct(
  {
    parentHash: hash,
    ommersHash: hash,
    coinbase: fixedBytes(20),
    stateRoot: hash,
    transactionsRoot: hash,
    receiptsRoot: hash,
    logsBloom: fixedBytes(256),
    difficulty: uint(10),
    number: u64,
    gasLimit: u64,
    gasUsed: u64,
    timestamp: u64,
    extraData: bytes(102_400),
    mixHash: hash,
    nonce: fixedBytes(8),
    baseFeePerGas: u256,
    withdrawalsRoot: hash,
    blobGasUsed: u64,
    excessBlobGas: u64,
    parentBeaconBlockRoot: hash,
    requestsHash: hash,
    blockAccessListHash: hash,
    slotNumber: u64,
  },
  {
    optional: [
      'baseFeePerGas',
      'withdrawalsRoot',
      'blobGasUsed',
      'excessBlobGas',
      'parentBeaconBlockRoot',
      'requestsHash',
      'blockAccessListHash',
      'slotNumber',
    ],
  },
)

/** @throws ChainError `CHAIN_RLP` */
export function decodeHeader(source: Uint8Array): Header {
  try {
    return decode(headerSchema, source)
  } catch (error) {
    throw rlpFailure('header', error)
  }
}

/** @throws TypeError, RangeError for values that fit no header */
export function encodeHeader(header: Header): Uint8Array {
  return encode(headerSchema, header)
}

/** The block's hash: keccak-256 of the header's bytes as they came, 32 bytes. */
export function headerHash(source: Uint8Array, crypto: Hasher = pureCrypto): Uint8Array {
  return crypto.keccak256(source)
}

/**
 * The hash of the parent, the header's first field, read without the rest: a view.
 * @throws ChainError `CHAIN_RLP`
 */
export function headerParentHash(source: Uint8Array): Uint8Array {
  return guardRlp('header', () => {
    const { kind, payloadStart, end } = readItem(source)
    const field = readItem(source, payloadStart, end)
    if (kind !== 'list' || field.kind !== 'bytes' || field.end - field.payloadStart !== 32) {
      throw new ChainError('CHAIN_RLP', 'header: expected a list that begins with 32 bytes')
    }
    return source.subarray(field.payloadStart, field.end)
  })
}
