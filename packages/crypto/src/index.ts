/**
 * The seams to mathematics that devp2p needs, and the pure backend on the noble libraries, which browsers use.
 *
 * @module
 */
export { type CryptoPrimitives, createCryptoBackend } from './backend.ts'
export { equalBytes } from './equal.ts'
export { CryptoError, type CryptoErrorCode } from './errors.ts'
export { pureCrypto } from './pure.ts'
export type { AesBlock, AesCtr, Crypto, RunningHash } from './types.ts'
