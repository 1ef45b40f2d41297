import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import * as secp from '@noble/secp256k1'
import { createCryptoBackend } from './backend.ts'
import { pureAesBlock, pureAesCtr } from './pure-aes.ts'
import type { Crypto, RunningHash } from './types.ts'

const hmacSha256 = (key: Uint8Array, message: Uint8Array): ReturnType<typeof hmac> => hmac(sha256, key, message)

function createKeccak256(): RunningHash {
  const state = keccak_256.create()
  const running: RunningHash = {
    update(bytes) {
      state.update(bytes)
      return running
    },
    digest: () => state.clone().digest(),
  }
  return running
}

/**
 * The default backend: the noble libraries, plain JavaScript, for browsers and every other runtime.
 * Public-key work takes about 2 ms an operation: a busy server wants a native backend.
 */
export const pureCrypto: Crypto = createCryptoBackend({
  name: 'noble',
  isPrivateKey: (key) => secp.utils.isValidSecretKey(key),
  isPoint: (point) => secp.utils.isValidPublicKey(point),
  publicPoint: (privateKey) => secp.getPublicKey(privateKey, false),
  compress: (point) => secp.Point.fromBytes(point).toBytes(true),
  decompress: (point) => secp.Point.fromBytes(point).toBytes(false),
  sharedPoint: (privateKey, point) => secp.getSharedSecret(privateKey, point, true),
  sign(hash, privateKey) {
    // Synchronous signing needs these slots; set on use, so that importing this module changes nothing elsewhere.
    secp.hashes.sha256 ??= sha256
    secp.hashes.hmacSha256 ??= hmacSha256
    const signature = secp.sign(hash, privateKey, { prehash: false, lowS: true, format: 'recovered' })
    const rsv = new Uint8Array(65)
    rsv.set(signature.subarray(1))
    rsv[64] = signature[0]!
    return rsv
  },
  recover(hash, rs, recoveryId) {
    const signature = new Uint8Array(65)
    signature[0] = recoveryId
    signature.set(rs, 1)
    return secp.recoverPublicKey(signature, hash, { prehash: false, isCompressed: false })
  },
  verify: (hash, rs, point) => secp.verify(rs, hash, point, { prehash: false, lowS: true }),
  keccak256: (bytes) => keccak_256(bytes),
  createKeccak256,
  sha256: (bytes) => sha256(bytes),
  hmacSha256,
  aesCtr: pureAesCtr,
  aesBlock: pureAesBlock,
})
