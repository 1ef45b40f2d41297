import { pureCrypto } from '@ethwire/crypto'
import { hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { pureSnappy } from '../src/index.ts'
import { thrown } from './helpers.ts'

const { compress, uncompress } = pureSnappy
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const refused = (bytes: number[], maxBytes = 1000) => thrown(() => uncompress(Uint8Array.from(bytes), maxBytes))

describe('uncompressing', () => {
  test('reads what golang/snappy made', () => {
    const made = hexToBytes(
      '51f05057696b697065646961206973206120667265652c207765622d62617365642c20636f6c6c61626f7261746976652c206d756c74696c696e6775616c20656e6379636c6f70656469612070726f6a6563742e',
    )
    const sentence = 'Wikipedia is a free, web-based, collaborative, multilingual encyclopedia project.'
    expect(uncompress(made, 100)).toEqual(text(sentence))
  })

  test('reads every kind of element', () => {
    // literal "abcd", copy of 4 at 4 (1-byte offset), copy of 5 at 8 (2 bytes), copy of 3 at 2 (4 bytes), long literal
    const block = [18, 0x0c, 97, 98, 99, 100, 0x01, 4, 0x12, 8, 0, 0x0b, 2, 0, 0, 0, 0xf0, 1, 120, 121]
    expect(new TextDecoder().decode(uncompress(Uint8Array.from(block), 100))).toBe('abcdabcdabcdadadxy')
  })

  test('repeats what it has just written when source and target overlap', () => {
    const block = Uint8Array.of(65, 0x00, 97, 0xfe, 1, 0)
    expect(uncompress(block, 100)).toEqual(text('a'.repeat(65)))
  })

  test('reads the empty block', () => {
    expect(uncompress(Uint8Array.of(0), 0)).toEqual(new Uint8Array(0))
  })

  test('reads literals with lengths of 2, 3 and 4 bytes', () => {
    const bytes = new Uint8Array(300).fill(9)
    for (const header of [
      [0xf4, 43, 1],
      [0xf8, 43, 1, 0],
      [0xfc, 43, 1, 0, 0],
    ]) {
      expect(uncompress(Uint8Array.from([0xac, 2, ...header, ...bytes]), 300)).toEqual(bytes)
    }
  })

  for (const [what, block] of [
    ['case 30: offset 0', [5, 0x00, 97, 0x01, 0]],
    ['case 30: offset 0 in two bytes', [5, 0x00, 97, 0x0e, 0, 0]],
    ['case 30: an offset before the start', [5, 0x00, 97, 0x01, 2]],
    ['case 30: an offset of 4 GiB', [5, 0x00, 97, 0x0f, 255, 255, 255, 255]],
    ['case 30: a literal beyond the declared length', [1, 0x04, 97, 98]],
    ['case 30: a copy beyond the declared length', [4, 0x00, 97, 0x01, 1]],
    ['case 30: bytes after the end', [1, 0x00, 97, 0x00, 98]],
    ['case 30: a single byte after the end', [1, 0x00, 97, 0x00]],
    ['fewer bytes than declared', [3, 0x00, 97]],
    ['a literal that ends early', [3, 0x08, 97]],
    ["a literal's length that ends early", [3, 0xf4, 1]],
    ['a copy of each kind that ends early', [5, 0x00, 97, 0x01]],
    ['a copy with half an offset', [5, 0x00, 97, 0x0e, 1]],
    ['a copy with three quarters of an offset', [5, 0x00, 97, 0x0f, 1, 0, 0]],
    ['a literal of 4 GiB', [5, 0xfc, 255, 255, 255, 255, 1]],
    ['no preamble', []],
    ['a preamble that ends early', [0x80]],
    ['a preamble of six bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
    ['a preamble beyond 32 bits', [0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['case 28: a declared GiB', [0x80, 0x80, 0x80, 0x80, 0x04, 0x00]],
  ] as [string, number[]][]) {
    test(`${what} is refused`, () => {
      expect(refused(block)).toMatchObject({ name: 'FrameError', code: 'FRAME_SNAPPY' })
    })
  }

  test('a length above the limit is refused before it is allocated', () => {
    const block = compress(new Uint8Array(2000))
    expect(thrown(() => uncompress(block, 1999))).toMatchObject({ code: 'FRAME_TOO_LARGE' })
    expect(uncompress(block, 2000)).toEqual(new Uint8Array(2000))
  })
})

describe('compressing', () => {
  test('leaves what does not repeat nearly as long as it was', () => {
    const noise = pureCrypto.aesCtr(new Uint8Array(16), new Uint8Array(16)).update(new Uint8Array(200_000))
    expect(compress(noise).length).toBeLessThan(noise.length + 30)
    expect(uncompress(compress(noise), noise.length)).toEqual(noise)
  })

  test('shrinks what repeats, near and far, and within 64 KiB only', () => {
    const zeros = new Uint8Array(1 << 20)
    expect(compress(zeros).length).toBeLessThan(zeros.length / 20)
    expect(uncompress(compress(zeros), zeros.length)).toEqual(zeros)
    const words = text('header body receipt '.repeat(5000))
    expect(compress(words).length).toBeLessThan(words.length / 15)
    expect(uncompress(compress(words), words.length)).toEqual(words)
  })

  test('works on a view into a larger buffer', () => {
    const buffer = text(`xxxx${'repeat '.repeat(50)}yyyy`)
    const view = buffer.subarray(4, buffer.length - 4)
    expect(uncompress(compress(view), 1000)).toEqual(view.slice())
  })
})
