import { bytesToHex } from '@noble/hashes/utils.js'
import { expect, test } from 'vitest'
import { emptyRoot, orderedRoot } from '../src/index.ts'
import { vectors } from './helpers.ts'

interface RootVectors {
  readonly roots: readonly { readonly count: number; readonly root: string }[]
}

test.each(vectors<RootVectors>('ordered-roots.json').roots)(
  "the root over $count items is geth's",
  ({ count, root }) => {
    const items = Array.from({ length: count }, (_, index) => new Uint8Array((index % 67) + 1).fill(index))
    expect(`0x${bytesToHex(orderedRoot(items))}`).toBe(root)
  },
)

test('the root over nothing is a copy that may be kept and changed', () => {
  orderedRoot([]).fill(0)
  expect(orderedRoot([])).toEqual(emptyRoot)
})
