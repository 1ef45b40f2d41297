import { CryptoError, type CryptoErrorCode } from './errors.ts'
import type { AesBlock, AesCtr, Crypto, RunningHash } from './types.ts'

/**
 * What a backend brings: the bare mathematics, called only with arguments of the right length. Functions that meet an
 * impossible key, point or signature throw anything; `createCryptoBackend` turns it into the one typed error.
 *
 * Points are SEC 1: 65 bytes with the prefix 4, or 33 bytes with 2 or 3.
 */
export interface CryptoPrimitives {
  readonly name: string
  isPrivateKey(key: Uint8Array): boolean
  /** 65 bytes. */
  isPoint(point: Uint8Array): boolean
  /** 65 bytes of a valid private key's public point. */
  publicPoint(privateKey: Uint8Array): Uint8Array
  /** 65 bytes to 33. */
  compress(point: Uint8Array): Uint8Array
  /** 33 bytes to 65. */
  decompress(point: Uint8Array): Uint8Array
  /** A valid private key and 65 bytes of a point to the shared point's 33 bytes. In constant time, as far as it can. */
  sharedPoint(privateKey: Uint8Array, point: Uint8Array): Uint8Array
  /** A valid private key's signature, 65 bytes: r ‖ s ‖ recovery id, s low. */
  sign(hash: Uint8Array, privateKey: Uint8Array): Uint8Array
  /** 64 bytes of r ‖ s and a recovery id from 0 to 3 to the 65-byte point. */
  recover(hash: Uint8Array, rs: Uint8Array, recoveryId: number): Uint8Array
  /** A signature of 64 bytes; false, or an exception, for a high s and anything impossible. */
  verify(hash: Uint8Array, rs: Uint8Array, point: Uint8Array): boolean
  // What is for secrets is said of `Crypto`.
  keccak256(bytes: Uint8Array): Uint8Array
  createKeccak256(): RunningHash
  sha256(bytes: Uint8Array): Uint8Array
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array
  aesCtr(key: Uint8Array, iv: Uint8Array): AesCtr
  aesBlock(key: Uint8Array): AesBlock
}

/**
 * A `Crypto` from bare mathematics: lengths, forms and errors are checked here, once, so that every backend behaves
 * alike. Check yours with the cases of `@ethwire/crypto/conformance`.
 */
export function createCryptoBackend(primitives: CryptoPrimitives): Crypto {
  const isPrivateKey = (key: Uint8Array): boolean => key.length === 32 && primitives.isPrivateKey(key)

  const requirePrivateKey = (key: Uint8Array): void => {
    if (!isPrivateKey(key)) throw fail('CRYPTO_PRIVATE_KEY')
  }

  return {
    name: primitives.name,
    isPrivateKey,
    isPublicKey: (key) => key.length === 64 && primitives.isPoint(uncompressed(key)),
    publicKey(privateKey) {
      requirePrivateKey(privateKey)
      return primitives.publicPoint(privateKey).slice(1)
    },
    compressPublicKey: (publicKey) => attempt('CRYPTO_PUBLIC_KEY', () => primitives.compress(uncompressed(publicKey))),
    decompressPublicKey(compressed) {
      if (compressed.length !== 33) throw fail('CRYPTO_PUBLIC_KEY')
      return attempt('CRYPTO_PUBLIC_KEY', () => primitives.decompress(compressed).slice(1))
    },
    ecdh(privateKey, publicKey) {
      requirePrivateKey(privateKey)
      return attempt('CRYPTO_PUBLIC_KEY', () => primitives.sharedPoint(privateKey, uncompressed(publicKey)))
    },
    sign(hash, privateKey) {
      requireLength('hash', hash, 32)
      requirePrivateKey(privateKey)
      return primitives.sign(hash, privateKey)
    },
    recover(hash, signature) {
      requireLength('hash', hash, 32)
      const recoveryId = signature[64]
      if (signature.length !== 65 || recoveryId === undefined || recoveryId > 3) throw fail('CRYPTO_SIGNATURE')
      return attempt('CRYPTO_SIGNATURE', () => primitives.recover(hash, signature.subarray(0, 64), recoveryId).slice(1))
    },
    verify(hash, signature, publicKey) {
      requireLength('hash', hash, 32)
      if (signature.length !== 64 || publicKey.length !== 64) return false
      try {
        return primitives.verify(hash, signature, uncompressed(publicKey))
      } catch {
        return false
      }
    },
    keccak256: (bytes) => primitives.keccak256(bytes),
    createKeccak256: () => primitives.createKeccak256(),
    sha256: (bytes) => primitives.sha256(bytes),
    hmacSha256: (key, message) => primitives.hmacSha256(key, message),
    aesCtr(key, iv) {
      requireAesKey(key)
      requireLength('iv', iv, 16)
      return primitives.aesCtr(key, iv)
    },
    aesBlock(key) {
      requireAesKey(key)
      const cipher = primitives.aesBlock(key)
      return {
        encrypt(block) {
          requireLength('block', block, 16)
          return cipher.encrypt(block)
        },
      }
    },
  }
}

const messages: Record<CryptoErrorCode, string> = {
  CRYPTO_PRIVATE_KEY: 'expected a private key: 32 bytes of a scalar from 1 to n-1',
  CRYPTO_PUBLIC_KEY: 'expected a public key: a point on secp256k1, coordinates below p',
  CRYPTO_SIGNATURE: 'expected a recoverable signature: r and s from 1 to n-1, recovery id from 0 to 3, of some point',
}

function fail(code: CryptoErrorCode): CryptoError {
  return new CryptoError(code, messages[code])
}

// The cause is left out on purpose: what a library says of a bad key may quote it.
function attempt<T>(code: CryptoErrorCode, work: () => T): T {
  try {
    return work()
  } catch {
    throw fail(code)
  }
}

function requireLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${what} must be ${length} bytes, got ${bytes.length}`)
}

function requireAesKey(key: Uint8Array): void {
  if (key.length !== 16 && key.length !== 32) throw new RangeError(`AES key must be 16 or 32 bytes, got ${key.length}`)
}

function uncompressed(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== 64) throw fail('CRYPTO_PUBLIC_KEY')
  const point = new Uint8Array(65)
  point[0] = 4
  point.set(publicKey, 1)
  return point
}
