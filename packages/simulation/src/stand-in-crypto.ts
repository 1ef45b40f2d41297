import { type Crypto, CryptoError, equalBytes, pureCrypto, type RunningHash } from '@ethwire/crypto'

// Hashing stirs four words of 32 bits with each word that comes in, and draws as many words from them as are asked for.
// The state is the module's: hashing is never interrupted, and allocates nothing but its result. None of it is secret.
let a = 0
let b = 0
let c = 0
let d = 0

function begin(seed: number): void {
  a = seed ^ 0x9e3779b9
  b = seed ^ 0x243f6a88
  c = seed ^ 0xb7e15162
  d = seed ^ 0x85ebca77
}

function absorb(bytes: Uint8Array, start: number, end: number): void {
  let [w, x, y, z] = [a ^ (end - start), b, c, d]
  let index = start
  for (const last = end - 7; index < last; index += 8) {
    const first = bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24)
    const second = bytes[index + 4]! | (bytes[index + 5]! << 8) | (bytes[index + 6]! << 16) | (bytes[index + 7]! << 24)
    w = Math.imul(w ^ first, 0x85ebca6b)
    x = Math.imul(x ^ second, 0xc2b2ae35)
    y = ((y ^ (w >>> 15)) + x) | 0
    z = ((z ^ (x >>> 13)) + w) | 0
    w ^= z << 7
    x ^= y >>> 11
  }
  for (; index < end; index++) {
    w = Math.imul(w ^ bytes[index]!, 0x21f0aaad)
    x = ((x ^ (w >>> 15)) + y) | 0
    y = ((y ^ (x << 5)) + z) | 0
    z = ((z ^ (y >>> 9)) + w) | 0
  }
  a = w
  b = x
  c = y
  d = z
}

/** The word with this number of what was absorbed. */
function drawn(number: number): number {
  let word = Math.imul(a + Math.imul(number + 1, 0x9e3779b1), 0x21f0aaad) ^ b
  word = Math.imul(word ^ (word >>> 16) ^ c, 0x735a2d97)
  word = Math.imul(word ^ (word >>> 15) ^ d, 0x85ebca6b)
  word = Math.imul(word ^ (word >>> 13) ^ a, 0xc2b2ae35)
  return word ^ (word >>> 16)
}

function draw32(out: Uint8Array, start: number): Uint8Array {
  for (let number = 0; number < 8; number++) {
    const word = drawn(number)
    const at = start + number * 4
    out[at] = word
    out[at + 1] = word >>> 8
    out[at + 2] = word >>> 16
    out[at + 3] = word >>> 24
  }
  return out
}

const hashSeed = 1
const xSeed = 2
const ySeed = 3

/** A public key is x, and y that follows from x, so that it can be compressed and forged ones are seen. */
function addY(key: Uint8Array): Uint8Array {
  begin(ySeed)
  absorb(key, 0, 32)
  return draw32(key, 32)
}

/** Whether y follows from x. Four bytes of it are looked at, which no accident gets right. */
function isKey(key: Uint8Array): boolean {
  if (key.length !== 64) return false
  begin(ySeed)
  absorb(key, 0, 32)
  const word = drawn(0)
  return (
    key[32] === (word & 255) &&
    key[33] === ((word >>> 8) & 255) &&
    key[34] === ((word >>> 16) & 255) &&
    key[35] === word >>> 24
  )
}

// Signatures get their bytes from blocks: one of 65 bytes by itself is no part of the heap, and costs more than its making.
const blockBytes = 65 * 1000
let block = new ArrayBuffer(0)
let blockUsed = 0

function newSignature(): Uint8Array {
  if (blockUsed === block.byteLength) {
    block = new ArrayBuffer(blockBytes)
    blockUsed = 0
  }
  const signature = new Uint8Array(block, blockUsed, 65)
  blockUsed += 65
  return signature
}

/** A signature is the public key, masked by the hash: whoever has the hash can read it, as with a real one. */
function mask(key: Uint8Array, hash: Uint8Array, out: Uint8Array): Uint8Array {
  for (let index = 0; index < 64; index++) out[index] = key[index]! ^ hash[index & 31]! ^ (index * 37)
  return out
}

function isPrivateKey(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false
  for (let index = 0; index < 32; index++) if (bytes[index] !== 0) return true
  return false
}

// The signer's key, made anew for each packet: what is kept of thousands of nodes has left the processor's cache by the
// time it is asked for.
const signerKey = new Uint8Array(64)

function putPublicKey(privateKey: Uint8Array, key: Uint8Array): Uint8Array {
  if (!isPrivateKey(privateKey)) {
    throw new CryptoError('CRYPTO_PRIVATE_KEY', 'expected a private key: 32 bytes, not all zero')
  }
  begin(xSeed)
  absorb(privateKey, 0, 32)
  return addY(draw32(key, 0))
}

/**
 * A stand-in for cryptography in simulations of thousands of nodes: keys, signatures and hashes of the right sizes, made
 * by a fast mixing function. What was signed by one key and changed on the way does not seem to come from that key; a
 * hash decides where a node is in the network. **It protects nothing**: anybody can sign for any key. What a simulation
 * of discovery does not need (SHA-256, HMAC, AES, ECDH) is that of the pure backend.
 *
 * @example
 * import { standInCrypto } from '@ethwire/simulation'
 *
 * const privateKey = new Uint8Array(32).fill(7)
 * const hash = standInCrypto.keccak256(Uint8Array.of(1, 2, 3))
 * const signer = standInCrypto.recover(hash, standInCrypto.sign(hash, privateKey))
 * console.log(Buffer.compare(signer, standInCrypto.publicKey(privateKey))) // 0
 */
export const standInCrypto: Crypto = {
  ...pureCrypto,
  name: 'stand-in',
  isPrivateKey,
  isPublicKey: isKey,
  publicKey: (privateKey) => putPublicKey(privateKey, new Uint8Array(64)),
  compressPublicKey(publicKey) {
    if (!isKey(publicKey)) throw new CryptoError('CRYPTO_PUBLIC_KEY', 'expected a public key of the stand-in')
    const compressed = new Uint8Array(33)
    compressed[0] = 2
    compressed.set(publicKey.subarray(0, 32), 1)
    return compressed
  },
  decompressPublicKey(compressed) {
    if (compressed.length !== 33) throw new CryptoError('CRYPTO_PUBLIC_KEY', 'expected a public key of the stand-in')
    const key = new Uint8Array(64)
    key.set(compressed.subarray(1))
    return addY(key)
  },
  sign: (hash, privateKey) => mask(putPublicKey(privateKey, signerKey), hash, newSignature()),
  recover(hash, signature) {
    const key = mask(signature, hash, new Uint8Array(64))
    if (signature.length !== 65 || !isKey(key)) {
      throw new CryptoError('CRYPTO_SIGNATURE', 'expected a signature of this hash by the stand-in')
    }
    return key
  },
  verify(hash, signature, publicKey) {
    return signature.length === 64 && equalBytes(mask(signature, hash, new Uint8Array(64)), publicKey)
  },
  keccak256(bytes) {
    begin(hashSeed)
    absorb(bytes, 0, bytes.length)
    return draw32(new Uint8Array(32), 0)
  },
  createKeccak256() {
    let gathered = new Uint8Array(0)
    const running: RunningHash = {
      update(bytes) {
        const longer = new Uint8Array(gathered.length + bytes.length)
        longer.set(gathered)
        longer.set(bytes, gathered.length)
        gathered = longer
        return running
      },
      digest: () => standInCrypto.keccak256(gathered),
    }
    return running
  },
}
