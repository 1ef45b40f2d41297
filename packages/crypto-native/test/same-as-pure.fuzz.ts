import { pureCrypto } from '@ethwire/crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadNativeCrypto } from '../src/index.ts'

const { crypto } = loadNativeCrypto()
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
// Noble takes milliseconds an operation: few runs, each touching everything.

/** What came out, or the code of what was thrown. */
function outcome(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return (error as { code?: string }).code ?? error
  }
}

test.skipIf(crypto === undefined)('both backends give the same bytes or the same error for any keys and hashes', () => {
  fc.assert(
    fc.property(bytes(32), bytes(32), bytes(32), (a, b, hash) => {
      for (const work of [
        (c: typeof pureCrypto) => c.publicKey(a),
        (c: typeof pureCrypto) => c.ecdh(a, c.publicKey(b)),
        (c: typeof pureCrypto) => c.sign(hash, a),
        (c: typeof pureCrypto) => c.recover(hash, c.sign(hash, b)),
        (c: typeof pureCrypto) => c.hmacSha256(a, b),
      ]) {
        expect(outcome(() => work(crypto!))).toEqual(outcome(() => work(pureCrypto)))
      }
    }),
  )
})

test.skipIf(crypto === undefined)('both backends give the same answer to random points and signatures', () => {
  fc.assert(
    fc.property(bytes(32), bytes(64), bytes(33), bytes(65), fc.nat(3), (hash, point, compressed, signature, parity) => {
      compressed[0] = parity
      signature[64] = parity
      for (const work of [
        (c: typeof pureCrypto) => c.isPublicKey(point),
        (c: typeof pureCrypto) => c.decompressPublicKey(compressed),
        (c: typeof pureCrypto) => c.recover(hash, signature),
        (c: typeof pureCrypto) => c.verify(hash, point, point),
      ]) {
        expect(outcome(() => work(crypto!))).toEqual(outcome(() => work(pureCrypto)))
      }
    }),
  )
})
