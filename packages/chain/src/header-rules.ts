import { equalBytes } from '@ethwire/crypto'
import { blobParameters, type ChainConfig, isActive } from './config.ts'
import { ChainError, type ChainErrorCode } from './errors.ts'
import { gasPerBlob, nextBaseFee, nextExcessBlobGas } from './fees.ts'
import type { Header } from './header.ts'
import { emptyListHash } from './well-known.ts'

/** A header together with its hash, which is not computed again for each child. */
export interface HashedHeader {
  readonly header: Header
  readonly hash: Uint8Array
}

/** The seam for other rules: throws if a header may not follow its parent. */
export type HeaderRules = (header: Header, parent: HashedHeader, config: ChainConfig) => void

/**
 * The rules for headers after the merge, as geth checks them: parent, number, time, gas, base fee, blob gas, extra data,
 * the constants of proof of stake, and that exactly the active forks' fields are there. A header with difficulty is one
 * from before the merge: of it only parent and number are checked, no seal and no difficulty, and none may follow a
 * header without difficulty.
 * @throws ChainError with the code of the rule
 */
export const verifyHeader: HeaderRules = (header, parent, config) => {
  const { header: before } = parent
  check(equalBytes(header.parentHash, parent.hash), 'CHAIN_PARENT_HASH', 'the parent is another block')
  check(header.number === before.number + 1n, 'CHAIN_NUMBER', `${header.number} follows ${before.number}`)
  if (header.difficulty > 0n) {
    check(before.difficulty > 0n, 'CHAIN_DIFFICULTY', 'a block with difficulty follows one without')
    return
  }
  check(header.timestamp > before.timestamp, 'CHAIN_TIMESTAMP', `${header.timestamp} is not after ${before.timestamp}`)
  check(header.extraData.length <= 32, 'CHAIN_EXTRA_DATA', `${header.extraData.length} bytes are over 32`)
  check(
    header.nonce.every((byte) => byte === 0),
    'CHAIN_NONCE',
    'expected zero',
  )
  check(equalBytes(header.ommersHash, emptyListHash), 'CHAIN_OMMERS_HASH', 'expected no ommers')
  verifyGas(header, before, config)
  verifyForkFields(header, config)
  if (header.blobGasUsed !== undefined) verifyBlobGas(header, header.blobGasUsed, before, config)
}

const maxGasLimit = (1n << 63n) - 1n
const minGasLimit = 5000n

function verifyGas(header: Header, parent: Header, config: ChainConfig): void {
  const { gasLimit, gasUsed } = header
  check(gasUsed <= gasLimit, 'CHAIN_GAS_USED', `${gasUsed} is over the limit ${gasLimit}`)
  const from = isActive(config, 'london', parent) ? parent.gasLimit : parent.gasLimit * 2n
  const difference = gasLimit > from ? gasLimit - from : from - gasLimit
  check(
    gasLimit >= minGasLimit && gasLimit <= maxGasLimit && difference < from / 1024n,
    'CHAIN_GAS_LIMIT',
    `${gasLimit} may not follow ${parent.gasLimit}`,
  )
  check(header.baseFeePerGas !== undefined, 'CHAIN_FORK_FIELD', 'baseFeePerGas is missing')
  const expected = nextBaseFee(parent, config)
  check(header.baseFeePerGas === expected, 'CHAIN_BASE_FEE', `expected ${expected}, got ${header.baseFeePerGas}`)
}

const forkFields = [
  ['withdrawalsRoot', 'shanghai'],
  ['blobGasUsed', 'cancun'],
  ['excessBlobGas', 'cancun'],
  ['parentBeaconBlockRoot', 'cancun'],
  ['requestsHash', 'prague'],
  ['blockAccessListHash', 'amsterdam'],
  ['slotNumber', 'amsterdam'],
] as const

function verifyForkFields(header: Header, config: ChainConfig): void {
  for (const [field, fork] of forkFields) {
    const active = isActive(config, fork, header)
    const present = header[field] !== undefined
    check(active === present, 'CHAIN_FORK_FIELD', `${field} is ${active ? 'missing' : 'there too early'} (${fork})`)
  }
}

function verifyBlobGas(header: Header, blobGasUsed: bigint, parent: Header, config: ChainConfig): void {
  const parameters = blobParameters(config, header)
  if (parameters === undefined) {
    throw new ChainError('CHAIN_CONFIG', 'Cancun is active, but the configuration has no blob schedule for it')
  }
  const max = BigInt(parameters.max) * gasPerBlob
  const wellFormed = blobGasUsed <= max && blobGasUsed % gasPerBlob === 0n
  check(wellFormed, 'CHAIN_BLOB_GAS', `expected whole blobs of up to ${max} gas, got ${blobGasUsed}`)
  const expected = nextExcessBlobGas(parent, config, header)
  check(
    header.excessBlobGas === expected,
    'CHAIN_BLOB_GAS',
    `expected an excess of ${expected}, got ${header.excessBlobGas}`,
  )
}

function check(holds: boolean, code: ChainErrorCode, problem: string): void {
  if (!holds) throw new ChainError(code, problem)
}
