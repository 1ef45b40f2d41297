/**
 * What every `Crypto` must do alike, as cases for any test runner.
 *
 * @example
 * import { pureCrypto as myCrypto } from '@ethwire/crypto'
 * import { cryptoConformance } from '@ethwire/crypto/conformance'
 *
 * const test = (name: string, run: () => void): void => run() // your test runner's
 * for (const { name, run } of cryptoConformance(myCrypto)) test(name, run)
 *
 * @module
 */
import { cipherCases } from './conformance-ciphers.ts'
import { curveCases } from './conformance-curve.ts'
import type { ConformanceCase } from './conformance-expect.ts'
import { hashCases } from './conformance-hashes.ts'
import type { Crypto } from './types.ts'

export type { ConformanceCase } from './conformance-expect.ts'

/** The cases for one backend. Each throws when the backend deviates. */
export function cryptoConformance(crypto: Crypto): readonly ConformanceCase[] {
  return [...curveCases(crypto), ...hashCases(crypto), ...cipherCases(crypto)]
}
