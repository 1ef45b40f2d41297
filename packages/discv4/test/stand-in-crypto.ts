import { hash } from 'node:crypto'
import { type Crypto, pureCrypto } from '@ethwire/crypto'

/**
 * Crypto without mathematics, for tests with many packets: a signature is the signer's public key, which proves nothing and
 * costs nothing. The hash is another one that every runtime has natively.
 */
export const standInCrypto: Crypto = {
  ...pureCrypto,
  name: 'stand-in',
  keccak256: (bytes) => Uint8Array.from(hash('sha3-256', bytes, 'buffer')),
  isPublicKey: (key) => key.length === 64,
  publicKey: (privateKey) => {
    const half = pureCrypto.sha256(privateKey)
    return Uint8Array.of(...half, ...pureCrypto.sha256(half))
  },
  // Records have the key in 33 bytes; the other half follows from the first.
  compressPublicKey: (key) => Uint8Array.of(2, ...key.subarray(0, 32)),
  decompressPublicKey: (compressed) =>
    Uint8Array.of(...compressed.subarray(1), ...pureCrypto.sha256(compressed.subarray(1))),
  sign(_hash, privateKey) {
    const signature = new Uint8Array(65)
    signature.set(standInCrypto.publicKey(privateKey))
    return signature
  },
  recover: (_hash, signature) => signature.slice(0, 64),
  verify: (_hash, signature, publicKey) => signature.every((byte, index) => byte === publicKey[index]),
}
