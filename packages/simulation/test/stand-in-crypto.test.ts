import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { standInCrypto } from '../src/index.ts'

const random = createSeededRandom(1)
const privateKey = random.bytes(32)
const hash = random.bytes(32)

describe('the stand-in for cryptography', () => {
  it('finds who signed, from keys, hashes and signatures of the right sizes', () => {
    const publicKey = standInCrypto.publicKey(privateKey)
    const signature = standInCrypto.sign(hash, privateKey)
    expect([publicKey.length, signature.length, standInCrypto.keccak256(hash).length]).toEqual([64, 65, 32])
    expect(standInCrypto.recover(hash, signature)).toEqual(publicKey)
    expect(standInCrypto.verify(hash, signature.subarray(0, 64), publicKey)).toBe(true)
    expect(standInCrypto.isPublicKey(publicKey)).toBe(true)
    expect(standInCrypto.decompressPublicKey(standInCrypto.compressPublicKey(publicKey))).toEqual(publicKey)
  })

  it('finds nobody, or somebody else, when what was signed has changed', () => {
    const publicKey = standInCrypto.publicKey(privateKey)
    const signature = standInCrypto.sign(hash, privateKey)
    for (let byte = 0; byte < 32; byte++) {
      const changed = hash.slice()
      changed[byte] = changed[byte]! ^ 1
      expect(() => standInCrypto.recover(changed, signature)).toThrow('signature')
      expect(standInCrypto.verify(changed, signature.subarray(0, 64), publicKey)).toBe(false)
    }
    const bent = publicKey.slice()
    bent[0] = bent[0]! ^ 1
    expect(standInCrypto.isPublicKey(bent)).toBe(false)
  })

  it('refuses keys that are none, with the codes of real backends', () => {
    for (const key of [new Uint8Array(32), new Uint8Array(31)]) {
      expect(() => standInCrypto.publicKey(key)).toThrow(expect.objectContaining({ code: 'CRYPTO_PRIVATE_KEY' }))
    }
    expect(() => standInCrypto.compressPublicKey(new Uint8Array(64))).toThrow(
      expect.objectContaining({ code: 'CRYPTO_PUBLIC_KEY' }),
    )
    expect(() => standInCrypto.recover(hash, new Uint8Array(64))).toThrow(
      expect.objectContaining({ code: 'CRYPTO_SIGNATURE' }),
    )
  })

  it('hashes in pieces as in one piece, and spreads what it hashes over all bits', () => {
    const pieces = standInCrypto.createKeccak256().update(hash.subarray(0, 5)).update(hash.subarray(5)).digest()
    expect(pieces).toEqual(standInCrypto.keccak256(hash))
    const counts = new Array<number>(256).fill(0)
    const seen = new Set<string>()
    for (let value = 0; value < 4096; value++) {
      const input = new Uint8Array(64)
      new DataView(input.buffer).setUint32(32, value)
      const digest = standInCrypto.keccak256(input)
      seen.add(digest.join())
      for (let bit = 0; bit < 256; bit++) if (((digest[bit >> 3]! >> (7 - (bit & 7))) & 1) === 1) counts[bit]!++
    }
    expect(seen.size).toBe(4096)
    // Half of 4,096, give or take five standard deviations of 32.
    expect(Math.min(...counts)).toBeGreaterThan(2048 - 160)
    expect(Math.max(...counts)).toBeLessThan(2048 + 160)
  })
})
