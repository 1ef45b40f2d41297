import { equalBytes } from '@ethwire/crypto'
import type { ChainReader } from './chain-reader.ts'

/** Less is read again without much ado. */
const largeBytes = 1024 * 1024

/** Reads the receipts of a few blocks, as `ChainReader` does. */
export type ReadReceipts = ChainReader['receipts']

/**
 * Reads receipts of a chain; the last large list is not read again as long as it is in memory anyway. Such a list is given
 * in parts, each of which takes the whole of it, and what was read for one part stays until the garbage collector comes.
 */
export function createReadReceipts(chain: Pick<ChainReader, 'receipts'>): ReadReceipts {
  let last: { readonly hash: Uint8Array; readonly receipts: WeakRef<Uint8Array> } | undefined // bounded: one
  return async (hashes) => {
    const [hash] = hashes
    if (hash === undefined || hashes.length > 1) return chain.receipts(hashes)
    const known = last !== undefined && equalBytes(last.hash, hash) ? last.receipts.deref() : undefined
    if (known !== undefined) return [known]
    const found = await chain.receipts(hashes)
    const [receipts] = found
    if (receipts !== undefined && receipts.length > largeBytes) {
      last = { hash: hash.slice(), receipts: new WeakRef(receipts) }
    }
    return found
  }
}
