import { createCipheriv } from 'node:crypto'
import type { AesBlock, AesCtr } from '@ethwire/crypto'
import { plain } from './bytes.ts'

/** OpenSSL's AES-CTR runs on by itself. */
export function nativeAesCtr(key: Uint8Array, iv: Uint8Array): AesCtr {
  const cipher = createCipheriv(`aes-${key.length * 8}-ctr`, key, iv)
  return { update: (bytes) => plain(cipher.update(bytes)) }
}

/** One ECB cipher without padding gives each block as it comes, so that it is made once a key. */
export function nativeAesBlock(key: Uint8Array): AesBlock {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false)
  return { encrypt: (block) => plain(cipher.update(block)) }
}
