import { type Crypto, equalBytes } from '@ethwire/crypto'
import type { Random } from '@ethwire/io'
import { concatBytes } from '@noble/hashes/utils.js'

const publicKeyBytes = 65
const ivBytes = 16
const tagBytes = 32

/** What encryption adds: an ephemeral public key, a counter block and a tag. */
export const envelopeOverhead: number = publicKeyBytes + ivBytes + tagBytes

/** A private key by drawing until the number is one; about one draw in 2^128 is not. */
export function randomPrivateKey(crypto: Crypto, random: Random): Uint8Array {
  for (;;) {
    const key = random.bytes(32)
    if (crypto.isPrivateKey(key)) return key
  }
}

/**
 * Encrypts for the owner of a public key (RLPx, "ECIES Encryption"). `authData` is covered by the tag and not sent.
 */
export function seal(
  crypto: Crypto,
  random: Random,
  remotePublicKey: Uint8Array,
  message: Uint8Array,
  authData: Uint8Array,
): Uint8Array {
  const messageKey = randomPrivateKey(crypto, random)
  const keys = deriveKeys(crypto, messageKey, remotePublicKey)
  const iv = random.bytes(ivBytes)
  const ciphertext = crypto.aesCtr(keys.encryption, iv).update(message)
  const tag = crypto.hmacSha256(keys.authentication, concatBytes(iv, ciphertext, authData))
  const sealed = concatBytes(Uint8Array.of(4), crypto.publicKey(messageKey), iv, ciphertext, tag)
  wipe(messageKey, keys.encryption, keys.authentication)
  return sealed
}

/** Decrypts what `seal` made; throws, of whatever kind, when it is anything else. */
export function open(crypto: Crypto, privateKey: Uint8Array, sealed: Uint8Array, authData: Uint8Array): Uint8Array {
  if (sealed.length < envelopeOverhead || sealed[0] !== 4) throw new Error('not an envelope')
  const tagStart = sealed.length - tagBytes
  // A key off the curve fails here; computing on with it would leak the private key bit by bit.
  const keys = deriveKeys(crypto, privateKey, sealed.subarray(1, publicKeyBytes))
  try {
    const covered = concatBytes(sealed.subarray(publicKeyBytes, tagStart), authData)
    if (!equalBytes(crypto.hmacSha256(keys.authentication, covered), sealed.subarray(tagStart))) {
      throw new Error('wrong tag')
    }
    const iv = sealed.subarray(publicKeyBytes, publicKeyBytes + ivBytes)
    return crypto.aesCtr(keys.encryption, iv).update(sealed.subarray(publicKeyBytes + ivBytes, tagStart))
  } finally {
    wipe(keys.encryption, keys.authentication)
  }
}

/** Overwrites secrets that are done with. */
export function wipe(...secrets: Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}

// The concatenation KDF (NIST SP 800-56A, 5.8.1) for 32 bytes is one sha-256 over the counter 1 and the secret.
function deriveKeys(
  crypto: Crypto,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): { encryption: Uint8Array; authentication: Uint8Array } {
  const shared = crypto.ecdh(privateKey, publicKey)
  const input = concatBytes(Uint8Array.of(0, 0, 0, 1), shared.subarray(1))
  const material = crypto.sha256(input)
  const keys = { encryption: material.slice(0, 16), authentication: crypto.sha256(material.subarray(16)) }
  wipe(shared, input, material)
  return keys
}
