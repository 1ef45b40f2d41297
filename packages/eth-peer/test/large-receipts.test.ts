import { expect, test } from 'vitest'
import { createReadReceipts } from '../src/large-receipts.ts'

const large = new Uint8Array(2 * 1024 * 1024)
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

test('a large list of receipts is read once while it is in memory; what is small, another or not there is read', async () => {
  const reads: number[] = []
  const read = createReadReceipts({
    async receipts(hashes) {
      reads.push(hashes[0]![0]!)
      return hashes.map(([byte]) => (byte === 9 ? undefined : byte === 1 || byte === 2 ? large : new Uint8Array(byte!)))
    },
  })
  for (const byte of [1, 1, 1]) expect(await read([hash(byte)])).toEqual([large])
  expect(reads).toEqual([1])
  expect(await read([hash(5)])).toEqual([new Uint8Array(5)])
  expect(await read([hash(5), hash(1)])).toEqual([new Uint8Array(5), large])
  expect(await read([hash(9)])).toEqual([undefined])
  expect(reads).toEqual([1, 5, 5, 9])
  await read([hash(1)])
  await read([hash(2)])
  await read([hash(1)])
  expect(reads).toEqual([1, 5, 5, 9, 2, 1])
})
