import { ctr, ecb } from '@noble/ciphers/aes.js'
import type { AesBlock, AesCtr } from './types.ts'

const blockBytes = 16

/** AES on one block; noble's ECB of a single block without padding is that. */
export function pureAesBlock(key: Uint8Array): AesBlock {
  const ownKey = key.slice()
  return { encrypt: (block) => ecb(ownKey, { disablePadding: true }).encrypt(block) }
}

/**
 * A running AES-CTR stream over noble's one-shot cipher: whole blocks go through it at once, starting at the counter
 * reached; what a call leaves of a block's key stream is kept for the next.
 */
export function pureAesCtr(key: Uint8Array, iv: Uint8Array): AesCtr {
  const ownKey = key.slice()
  const counter = iv.slice()
  let keyStream = new Uint8Array(0)

  const cipher = (bytes: Uint8Array): Uint8Array => {
    const result = ctr(ownKey, counter).encrypt(bytes)
    advance(counter, bytes.length / blockBytes)
    return result
  }

  return {
    update(bytes) {
      if (keyStream.length === 0 && bytes.length % blockBytes === 0) return cipher(bytes)
      const result = new Uint8Array(bytes.length)
      let done = Math.min(keyStream.length, bytes.length)
      for (let index = 0; index < done; index++) result[index] = bytes[index]! ^ keyStream[index]!
      keyStream = keyStream.subarray(done)
      const wholeBytes = (bytes.length - done) & -blockBytes
      if (wholeBytes > 0) {
        result.set(cipher(bytes.subarray(done, done + wholeBytes)), done)
        done += wholeBytes
      }
      if (done < bytes.length) {
        const block = cipher(new Uint8Array(blockBytes))
        const rest = bytes.length - done
        for (let index = 0; index < rest; index++) result[done + index] = bytes[done + index]! ^ block[index]!
        keyStream = Uint8Array.from(block.subarray(rest))
      }
      return result
    },
  }
}

// The counter is one big-endian number of 128 bits that wraps (NIST SP 800-38A, appendix B.1).
function advance(counter: Uint8Array, blocks: number): void {
  let carry = blocks
  for (let index = blockBytes - 1; index >= 0 && carry > 0; index--) {
    carry += counter[index]!
    counter[index] = carry % 256
    carry = Math.floor(carry / 256)
  }
}
