import { encodeList } from '@ethwire/rlp-codec'
import { concatBytes } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { createBlockFileDecoder, splitBlock } from '../src/index.ts'
import { type ChainVectors, expectCode, hex, vectors } from './helpers.ts'

const blocks = vectors<ChainVectors>('chain.json').blocks.map(({ block }) => hex(block))
const file = concatBytes(...blocks)

describe('a block file', () => {
  test.each([1, 7, 1000, 65_536])('gives its blocks when it comes in chunks of %d bytes', (size) => {
    const decoder = createBlockFileDecoder()
    const got = []
    for (let at = 0; at < file.length; at += size) got.push(...decoder.push(file.subarray(at, at + size)))
    decoder.end()
    expect(got).toEqual(blocks.map((block) => splitBlock(block)))
  })

  test('that ends inside a block says so', () => {
    const decoder = createBlockFileDecoder()
    expect(decoder.push(file.subarray(0, -1))).toHaveLength(blocks.length - 1)
    expectCode(() => decoder.end(), 'CHAIN_BLOCK_TRUNCATED')
  })

  test('that declares a block over the bound is refused before the block is collected', () => {
    const decoder = createBlockFileDecoder({ maxBlockBytes: 1000 })
    expectCode(() => decoder.push(hex('f903e9')), 'CHAIN_BLOCK_TOO_LARGE')
    expectCode(() => createBlockFileDecoder().push(hex('ffffffffffffffffff')), 'CHAIN_BLOCK_TOO_LARGE')
  })

  test('that is no RLP list is refused', () => {
    expectCode(() => createBlockFileDecoder().push(hex('1f8b08')), 'CHAIN_RLP')
    expectCode(() => createBlockFileDecoder().push(hex('c0')), 'CHAIN_RLP')
  })

  test('of nothing has no blocks', () => {
    const decoder = createBlockFileDecoder()
    expect(decoder.push(new Uint8Array(0))).toEqual([])
    decoder.end()
  })
})

test('an access list after the withdrawals, as geth may export it, is no part of the body', () => {
  const list = encodeList([])
  const block = splitBlock(encodeList([encodeList([]), list, list, list, encodeList([encodeList([])])]))
  expect(block.body).toEqual(encodeList([list, list, list]))
})
