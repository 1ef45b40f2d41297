import { RlpError } from '@ethwire/rlp-codec'
import { ChainError } from './errors.ts'

/** Runs a decoding step; what is wrong with the RLP comes out as `CHAIN_RLP`, saying in what. */
export function guardRlp<T>(what: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw rlpFailure(what, error)
  }
}

/** The error to throw for one that a decoding step threw. */
export function rlpFailure(what: string, error: unknown): unknown {
  return error instanceof RlpError ? new ChainError('CHAIN_RLP', `${what}: ${error.message}`, { cause: error }) : error
}
