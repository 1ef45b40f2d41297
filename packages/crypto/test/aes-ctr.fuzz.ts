import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pureCrypto } from '../src/index.ts'

test('any chunking of the pure AES-CTR stream equals what OpenSSL makes in one go', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(16, 32).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }),
      (key, iv, chunks) => {
        const cipher = pureCrypto.aesCtr(key, iv)
        const expected = createCipheriv(`aes-${key.length * 8}-ctr`, key, iv).update(Buffer.concat(chunks))
        expect(Buffer.concat(chunks.map((chunk) => cipher.update(chunk)))).toEqual(expected)
      },
    ),
  )
})
