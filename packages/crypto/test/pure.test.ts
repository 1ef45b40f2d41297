import { describe, expect, test } from 'vitest'
import { cryptoConformance } from '../src/conformance.ts'
import * as index from '../src/index.ts'

test('the package exports its interface and nothing else', () => {
  expect(Object.keys(index).sort()).toEqual(['CryptoError', 'createCryptoBackend', 'equalBytes', 'pureCrypto'])
})

describe('the pure backend', () => {
  for (const { name, run } of cryptoConformance(index.pureCrypto)) test(name, run)
})

describe('the conformance cases', () => {
  test('catch a backend that returns a Buffer', () => {
    const crypto: index.Crypto = { ...index.pureCrypto, sha256: (bytes) => Buffer.from(index.pureCrypto.sha256(bytes)) }
    const failed = cryptoConformance(crypto).filter(({ run }) => {
      try {
        run()
        return false
      } catch {
        return true
      }
    })
    expect(failed.map(({ name }) => name)).toContain('hashes with sha-256 (FIPS 180-2, appendix B)')
  })
})

describe('equalBytes', () => {
  test('tells equal from unequal, in each byte and in length', () => {
    const bytes = new Uint8Array(32).fill(7)
    expect(index.equalBytes(bytes, bytes.slice())).toBe(true)
    expect(index.equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true)
    expect(index.equalBytes(bytes, bytes.subarray(1))).toBe(false)
    for (let at = 0; at < 32; at++) {
      const other = bytes.slice()
      other[at] = 8
      expect(index.equalBytes(bytes, other)).toBe(false)
    }
  })
})
