import type { ChainStore } from '@ethwire/chain-store'

/** Blocks that stay without receipts. */
export interface ReceiptGap {
  readonly blocks: number
  /** False for an estimate. */
  readonly exact: boolean
}

/** What is read stays the same however long the chain is. */
const windowBlocks = 1_024
const maxWindows = 32

/**
 * How many stored blocks have no receipts and get none: counted on a short chain, estimated from a sample on a long one.
 * Blocks whose receipts nobody could deliver yet are not among them, as they are tried again.
 */
export async function receiptGap(
  store: Pick<ChainStore, 'head' | 'earliest' | 'missingReceipts' | 'unavailableReceipts'>,
): Promise<ReceiptGap> {
  const first = store.earliest()
  const total = store.head().number - first + 1
  const windows = Math.ceil(total / windowBlocks)
  const exact = windows <= maxWindows
  const reads = exact ? windows : maxWindows
  let missing = 0
  for (let index = 0; index < reads; index++) {
    const offset = exact ? index * windowBlocks : Math.floor(((total - windowBlocks) * index) / (reads - 1))
    missing += (await store.missingReceipts(first + offset, windowBlocks)).length
  }
  const { length: retried } = await store.unavailableReceipts(windowBlocks)
  const blocks = exact ? missing : Math.round((missing / (reads * windowBlocks)) * total)
  return { blocks: Math.max(0, blocks - retried), exact }
}
