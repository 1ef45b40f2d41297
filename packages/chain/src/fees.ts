import { blobParameters, type ChainConfig, type ChainPosition, isActive } from './config.ts'
import type { Header } from './header.ts'

/** EIP-4844. */
export const gasPerBlob = 131_072n
const initialBaseFee = 1_000_000_000n
const elasticity = 2n
const baseFeeChangeDenominator = 8n
/** EIP-7918. */
const blobBaseCost = 8192n

/** The base fee that the child of a block must have (EIP-1559). */
export function nextBaseFee(parent: Header, config: ChainConfig): bigint {
  if (!isActive(config, 'london', parent)) return initialBaseFee
  const { gasUsed, gasLimit, baseFeePerGas = 0n } = parent
  const target = gasLimit / elasticity
  if (gasUsed === target || target === 0n) return baseFeePerGas
  if (gasUsed > target) {
    const increase = (baseFeePerGas * (gasUsed - target)) / target / baseFeeChangeDenominator
    return baseFeePerGas + (increase > 0n ? increase : 1n)
  }
  return baseFeePerGas - (baseFeePerGas * (target - gasUsed)) / target / baseFeeChangeDenominator
}

/**
 * The excess blob gas that the child of a block must have (EIP-4844, since Osaka EIP-7918), by the blob parameters of
 * the child's own place. Undefined if none hold there.
 */
export function nextExcessBlobGas(parent: Header, config: ChainConfig, at: ChainPosition): bigint | undefined {
  const parameters = blobParameters(config, at)
  if (parameters === undefined) return undefined
  const { excessBlobGas = 0n, blobGasUsed = 0n, baseFeePerGas = 0n } = parent
  const target = BigInt(parameters.target) * gasPerBlob
  if (excessBlobGas + blobGasUsed < target) return 0n
  const reserve = blobBaseCost * baseFeePerGas
  if (
    isActive(config, 'osaka', at) &&
    reserve > gasPerBlob * blobBaseFee(excessBlobGas, parameters.baseFeeUpdateFraction)
  ) {
    return excessBlobGas + (blobGasUsed * BigInt(parameters.max - parameters.target)) / BigInt(parameters.max)
  }
  return excessBlobGas + blobGasUsed - target
}

/** Wei per blob gas (EIP-4844, "fake exponential"); exact below 2^256, and at least that where it is higher. */
export function blobBaseFee(excessBlobGas: bigint, updateFraction: bigint): bigint {
  // Excess gas comes from strangers, and the series grows with the exponent: e^200 is over 2^288 already.
  if (excessBlobGas / updateFraction >= 200n) return 1n << 288n
  let output = 0n
  let term = updateFraction
  for (let i = 1n; term > 0n; i++) {
    output += term
    term = (term * excessBlobGas) / updateFraction / i
  }
  return output / updateFraction
}
