import type { Crypto } from '@ethwire/crypto'
import { hashBytes, headBytes } from './packet-types.ts'

/** The public key, 64 bytes, that signed a packet. @throws CryptoError `CRYPTO_SIGNATURE` */
export function signerOf(bytes: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.recover(crypto.keccak256(bytes.subarray(headBytes)), bytes.subarray(hashBytes, headBytes))
}
