import type { Crypto } from '@ethwire/crypto'
import { pureCrypto } from '@ethwire/crypto'
import { encodeBytes } from '@ethwire/rlp-codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRecord, EnrError, parseRecord, signRecord } from '../src/index.ts'
import { privateKey } from './forge.ts'
import { eip778 } from './vectors/eip-778.ts'

const ownKeys = new Set(['id', 'secp256k1', 'ip', 'ip6', 'tcp', 'tcp6', 'udp', 'udp6', '__proto__'])
const keys = fc
  .string({ unit: fc.constantFrom(...'abcdefxyzAZ09._-'), minLength: 1, maxLength: 12 })
  .filter((key) => !ownKeys.has(key))

/** Believes every signature: the reader is what is tested. */
const trusting: Crypto = { ...pureCrypto, verify: () => true }

describe('records', () => {
  it('come back as they were signed', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.dictionary(keys, fc.uint8Array({ maxLength: 20 }), { maxKeys: 4 }),
        (seq, values) => {
          const entries = Object.entries(values).map(([key, value]) => ({ key, value: encodeBytes(value) }))
          const signed = signRecord({ seq, entries, privateKey })
          const read = parseRecord(signed.text)
          expect(read.seq).toBe(seq)
          expect(read.bytes).toEqual(signed.bytes)
          expect([...read.entries]).toEqual([...signed.entries])
        },
      ),
    )
  })

  it('are read or refused with a code, whatever byte of one is changed, and read only as they are written', () => {
    const valid = parseRecord(eip778.text).bytes
    fc.assert(
      fc.property(
        fc.nat(valid.length - 1),
        fc.nat(255),
        fc.constantFrom<(bytes: Uint8Array, at: number) => Uint8Array>(
          (bytes) => bytes,
          (bytes, at) => bytes.slice(0, at),
          (bytes, at) => Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]),
          (bytes, at) => Uint8Array.from([...bytes.subarray(0, at), at, ...bytes.subarray(at)]),
        ),
        (at, value, cut) => {
          const changed = valid.slice()
          changed[at] = value
          const source = cut(changed, at)
          try {
            expect(decodeRecord(source, { crypto: trusting }).bytes).toEqual(source)
          } catch (error) {
            if (!(error instanceof EnrError)) throw error
          }
        },
      ),
    )
  })

  it('never let another error out', () => {
    const refused = (act: () => unknown): void => {
      try {
        act()
      } catch (error) {
        if (!(error instanceof EnrError)) throw error
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 320 }), (source) => refused(() => decodeRecord(source))))
    fc.assert(fc.property(fc.string(), (source) => refused(() => parseRecord(`enr:${source}`))))
  })
})
