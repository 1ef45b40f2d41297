import { pureCrypto } from '@ethwire/crypto'
import { encodeList } from '@ethwire/rlp-codec'
import { type ChainConfig, isActive } from './config.ts'
import type { Hasher } from './hasher.ts'
import { encodeHeader, type Header } from './header.ts'
import { type GenesisAccount, stateRoot } from './state-root.ts'
import { emptyListHash, emptyRequestsHash, emptyRoot } from './well-known.ts'

/** A chain's beginning, as geth's genesis.json tells it. */
export interface Genesis {
  readonly config: ChainConfig
  readonly nonce: bigint
  readonly timestamp: bigint
  readonly extraData: Uint8Array
  readonly gasLimit: bigint
  readonly difficulty: bigint
  readonly mixHash: Uint8Array
  readonly coinbase: Uint8Array
  /** The state root if it is known; the accounts are not looked at then. */
  readonly stateRoot?: Uint8Array | undefined
  /** Accounts by address. */
  readonly alloc: readonly (readonly [Uint8Array, GenesisAccount])[]
  readonly number: bigint
  readonly gasUsed: bigint
  readonly parentHash: Uint8Array
  readonly baseFeePerGas?: bigint | undefined
  readonly excessBlobGas?: bigint | undefined
  readonly blobGasUsed?: bigint | undefined
  readonly slotNumber?: bigint | undefined
}

/** Block 0 as bytes, ready for a store. */
export interface GenesisBlock {
  readonly hash: Uint8Array
  readonly timestamp: bigint
  readonly header: Uint8Array
  readonly body: Uint8Array
}

const initialBaseFee = 1_000_000_000n

/**
 * The block that a genesis makes, with the same hash as geth's. The state root costs two hashes for each account.
 * @throws RangeError for values that fit no header
 *
 * @example
 * import { decodeHeader, genesisBlock, hoodi } from '@ethwire/chain'
 *
 * const { header, hash } = genesisBlock(hoodi.genesis)
 * console.log(decodeHeader(header).gasLimit, Buffer.from(hash).toString('hex'))
 */
export function genesisBlock(genesis: Genesis, crypto: Hasher = pureCrypto): GenesisBlock {
  const header = genesisHeader(genesis, genesis.stateRoot ?? stateRoot(genesis.alloc, crypto))
  const encoded = encodeHeader(header)
  const lists = header.withdrawalsRoot === undefined ? 2 : 3
  return {
    hash: crypto.keccak256(encoded),
    timestamp: header.timestamp,
    header: encoded,
    body: encodeList(Array.from({ length: lists }, () => Uint8Array.of(0xc0))),
  }
}

function genesisHeader(genesis: Genesis, root: Uint8Array): Header {
  const { config, gasLimit } = genesis
  const at = { number: genesis.number, timestamp: genesis.timestamp }
  // geth asks whether London is active at block 0 whatever the genesis' own number is, and takes a given fee in any case.
  const london = isActive(config, 'london', { number: 0n, timestamp: 0n })
  const baseFeePerGas = genesis.baseFeePerGas ?? (london ? initialBaseFee : undefined)
  return {
    parentHash: genesis.parentHash,
    ommersHash: emptyListHash,
    coinbase: genesis.coinbase,
    stateRoot: root,
    transactionsRoot: emptyRoot,
    receiptsRoot: emptyRoot,
    logsBloom: new Uint8Array(256),
    difficulty: genesis.difficulty,
    number: genesis.number,
    gasLimit: gasLimit === 0n ? 4_712_388n : gasLimit,
    gasUsed: genesis.gasUsed,
    timestamp: genesis.timestamp,
    extraData: genesis.extraData,
    mixHash: genesis.mixHash,
    nonce: nonceBytes(genesis.nonce),
    ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }),
    ...(isActive(config, 'shanghai', at) ? { withdrawalsRoot: emptyRoot } : {}),
    ...(isActive(config, 'cancun', at)
      ? {
          blobGasUsed: genesis.blobGasUsed ?? 0n,
          excessBlobGas: genesis.excessBlobGas ?? 0n,
          parentBeaconBlockRoot: new Uint8Array(32),
        }
      : {}),
    ...(isActive(config, 'prague', at) ? { requestsHash: emptyRequestsHash } : {}),
    ...(isActive(config, 'amsterdam', at)
      ? { blockAccessListHash: emptyListHash, slotNumber: genesis.slotNumber ?? 0n }
      : {}),
  }
}

function nonceBytes(nonce: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, nonce)
  return bytes
}
