import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { type ConformanceCase, expectBytes, expectRangeError, filler } from './conformance-expect.ts'
import type { Crypto } from './types.ts'

// NIST SP 800-38A, appendix F: keys and plain text of F.1.1, F.1.5, F.5.1 and F.5.5.
const key128 = '2b7e151628aed2a6abf7158809cf4f3c'
const key256 = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'
const counter = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'
const plain =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710'
const ctr128 =
  '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee'
const ctr256 =
  '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6'

/** AES on blocks and as a running stream. */
export function cipherCases(crypto: Crypto): ConformanceCase[] {
  return [
    {
      name: 'encrypts single AES blocks, one after the other (NIST SP 800-38A, F.1)',
      run() {
        const block = hexToBytes(plain).subarray(0, 16)
        const [short, long] = [crypto.aesBlock(hexToBytes(key128)), crypto.aesBlock(hexToBytes(key256))]
        for (let round = 0; round < 3; round++) {
          expectBytes(short.encrypt(block), '3ad77bb40d7a3660a89ecaf32466ef97')
          expectBytes(long.encrypt(block), 'f3eed1bdb5d2a03c064b5a7e3db181f8')
        }
        expectBytes(block.slice(), plain.slice(0, 32))
      },
    },
    {
      name: 'encrypts with AES-CTR (NIST SP 800-38A, F.5)',
      run() {
        expectBytes(crypto.aesCtr(hexToBytes(key128), hexToBytes(counter)).update(hexToBytes(plain)), ctr128)
        expectBytes(crypto.aesCtr(hexToBytes(key256), hexToBytes(counter)).update(hexToBytes(plain)), ctr256)
      },
    },
    {
      name: 'runs AES-CTR on over chunks of every size',
      run() {
        const bytes = filler(5000)
        const whole = bytesToHex(crypto.aesCtr(hexToBytes(key256), hexToBytes(counter)).update(bytes))
        for (const sizes of [[1], [15], [16], [17], [3, 16, 29], [1000, 1, 0, 64], [31, 1]]) {
          const cipher = crypto.aesCtr(hexToBytes(key256), hexToBytes(counter))
          const pieces: string[] = []
          for (let start = 0, turn = 0; start < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!
            pieces.push(bytesToHex(cipher.update(bytes.subarray(start, start + size))))
            start += size
          }
          if (pieces.join('') !== whole) throw new Error(`expected the same stream in chunks of ${sizes.join(', ')}`)
        }
      },
    },
    {
      name: 'carries the AES-CTR counter through all its 128 bits',
      run() {
        const key = hexToBytes(key128)
        const block = crypto.aesBlock(key)
        const stream = crypto.aesCtr(key, new Uint8Array(16).fill(255)).update(new Uint8Array(48))
        expectBytes(stream.slice(0, 16), bytesToHex(block.encrypt(new Uint8Array(16).fill(255))))
        expectBytes(stream.slice(16, 32), bytesToHex(block.encrypt(new Uint8Array(16))))
        expectBytes(stream.slice(32), bytesToHex(block.encrypt(hexToBytes('00000000000000000000000000000001'))))
      },
    },
    {
      name: 'keeps its own copy of key and counter',
      run() {
        const [key, iv] = [hexToBytes(key128), hexToBytes(counter)]
        const cipher = crypto.aesCtr(key, iv)
        const block = crypto.aesBlock(key)
        key.fill(0)
        iv.fill(0)
        expectBytes(cipher.update(hexToBytes(plain)), ctr128)
        expectBytes(block.encrypt(hexToBytes(plain).subarray(0, 16)), '3ad77bb40d7a3660a89ecaf32466ef97')
      },
    },
    {
      name: 'takes AES keys of 16 and 32 bytes, counters and blocks of 16',
      run() {
        for (const length of [0, 15, 24, 33]) {
          expectRangeError(() => crypto.aesCtr(new Uint8Array(length), new Uint8Array(16)))
          expectRangeError(() => crypto.aesBlock(new Uint8Array(length)))
          expectRangeError(() => crypto.aesCtr(new Uint8Array(16), new Uint8Array(length)))
          expectRangeError(() => crypto.aesBlock(new Uint8Array(16)).encrypt(new Uint8Array(length)))
        }
      },
    },
  ]
}
