/** A running hash. `digest` does not end it: more may follow (the RLPx MACs are read while they run). */
export interface RunningHash {
  update(bytes: Uint8Array): RunningHash
  /** The hash of all that was given so far, in a new array. */
  digest(): Uint8Array
}

/** A running AES-CTR key stream: each call goes on where the one before ended. */
export interface AesCtr {
  update(bytes: Uint8Array): Uint8Array
}

/** AES on single blocks (ECB without padding), as the RLPx header MAC needs it. */
export interface AesBlock {
  /** 16 bytes in, 16 bytes out. */
  encrypt(block: Uint8Array): Uint8Array
}

/**
 * The mathematics that devp2p needs, synchronous. Every backend behaves alike; `CryptoError` codes are the contract.
 *
 * Private keys are 32 bytes, public keys 64 (x ‖ y, big-endian), hashes 32, recoverable signatures 65
 * (r ‖ s ‖ recovery id 0…3, s in the lower half).
 */
export interface Crypto {
  /** Which implementation this is, for logs. */
  readonly name: string
  /** Whether these are 32 bytes of a scalar from 1 to n−1. Never throws. */
  isPrivateKey(bytes: Uint8Array): boolean
  /** Whether these are 64 bytes of a point on the curve, coordinates below p. Never throws. */
  isPublicKey(bytes: Uint8Array): boolean
  /** @throws CryptoError `CRYPTO_PRIVATE_KEY` */
  publicKey(privateKey: Uint8Array): Uint8Array
  /** 64 bytes to the 33-byte compressed form. @throws CryptoError `CRYPTO_PUBLIC_KEY` */
  compressPublicKey(publicKey: Uint8Array): Uint8Array
  /** 33 bytes to the 64-byte form. @throws CryptoError `CRYPTO_PUBLIC_KEY` */
  decompressPublicKey(compressed: Uint8Array): Uint8Array
  /**
   * The shared point, compressed (33 bytes); RLPx takes the x coordinate, its last 32 bytes.
   * @throws CryptoError `CRYPTO_PRIVATE_KEY`, `CRYPTO_PUBLIC_KEY`
   */
  ecdh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array
  /** Signs a 32-byte hash (RFC 6979). @throws CryptoError `CRYPTO_PRIVATE_KEY` */
  sign(hash: Uint8Array, privateKey: Uint8Array): Uint8Array
  /**
   * The 64-byte public key that made a 65-byte signature of a 32-byte hash.
   * A high s is accepted, as Ethereum's ecrecover does; who must not accept one checks it.
   * @throws CryptoError `CRYPTO_SIGNATURE` for r, s or recovery id out of range or a point that does not exist
   */
  recover(hash: Uint8Array, signature: Uint8Array): Uint8Array
  /** Whether a 64-byte signature (r ‖ s, low s only) of a 32-byte hash is by this public key. Never throws on content. */
  verify(hash: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean
  /** Not for secrets: on the way to its result it may leave copies that nobody can wipe. */
  keccak256(bytes: Uint8Array): Uint8Array
  /** For secrets, too: nothing is left of its digests but what it returns. */
  createKeccak256(): RunningHash
  /** For secrets, too. */
  sha256(bytes: Uint8Array): Uint8Array
  /** For secrets, too. */
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array
  /** Key of 16 or 32 bytes, IV of 16. */
  aesCtr(key: Uint8Array, iv: Uint8Array): AesCtr
  /** Key of 16 or 32 bytes. */
  aesBlock(key: Uint8Array): AesBlock
}
