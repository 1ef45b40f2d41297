import { encodeList, listItems } from '@ethwire/rlp-codec'
import type { ChainReader, TransactionPoolReader } from './chain-reader.ts'
import { type GetReceipts, maxItems, maxMessageBytes } from './messages.ts'
import { softResponseBytes } from './serve-headers.ts'

/** Room for a message's own lists, id and flag. */
const envelopeBytes = 64
const hardResponseBytes = maxMessageBytes - envelopeBytes
/** Items of the first read, of which each may be as large as a block gets; the next ones are sized by what came. */
const firstChunk = 1
const largestChunk = 64

/** Bodies in the order of the hashes, up to the first that is not there or does not fit. */
export async function serveBodies(chain: ChainReader, hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [] // bounded: maxItems, hardResponseBytes together
  let bytes = 0
  for await (const body of readInChunks(hashes, (some) => chain.bodies(some))) {
    if (bytes + body.length > hardResponseBytes) break
    bodies.push(body)
    bytes += body.length
    if (bytes >= softResponseBytes) break
  }
  return bodies
}

/** Receipt lists, and whether the last is cut. */
export interface ServedReceipts {
  readonly items: Uint8Array[]
  readonly lastBlockIncomplete: boolean
}

/**
 * Receipt lists in the order of the hashes, up to the first that is not there. The first one begins at the receipt asked
 * for; one that does not fit is cut where `mayCut`, else left out.
 */
export async function serveReceipts(
  chain: ChainReader,
  { hashes, firstBlockReceiptIndex }: Pick<GetReceipts, 'hashes' | 'firstBlockReceiptIndex'>,
  mayCut: boolean,
): Promise<ServedReceipts> {
  const items: Uint8Array[] = [] // bounded: maxItems, hardResponseBytes together
  let bytes = 0
  for await (const stored of readInChunks(hashes, (some) => chain.receipts(some))) {
    const from = items.length === 0 ? firstBlockReceiptIndex : 0n
    const room = hardResponseBytes - bytes
    if (from === 0n && stored.length <= room) {
      items.push(stored)
      bytes += stored.length
    } else {
      if (!mayCut) break
      const { list, isCut, count } = cutReceipts(stored, from, room)
      // Not even one receipt fits: the answer ends before this block.
      if (isCut && count === 0) break
      items.push(list)
      bytes += list.length
      if (isCut) return { items, lastBlockIncomplete: true }
    }
    if (bytes >= softResponseBytes) break
  }
  return { items, lastBlockIncomplete: false }
}

/** The receipts of a list from an index on, as many as fit. */
function cutReceipts(
  stored: Uint8Array,
  from: bigint,
  room: number,
): { list: Uint8Array; isCut: boolean; count: number } {
  const receipts = listItems(stored, Number.MAX_SAFE_INTEGER)
  const wanted = from >= BigInt(receipts.length) ? [] : receipts.slice(Number(from))
  let bytes = envelopeBytes
  let count = 0
  while (count < wanted.length && bytes + (wanted[count] as Uint8Array).length <= room) {
    bytes += (wanted[count] as Uint8Array).length
    count++
  }
  return { list: encodeList(wanted.slice(0, count)), isCut: count < wanted.length, count }
}

/** Pool transactions in the order of the hashes; what is not there is left out. */
export async function servePooledTransactions(
  pool: TransactionPoolReader | undefined,
  hashes: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const transactions: Uint8Array[] = [] // bounded: maxItems, hardResponseBytes together
  if (pool === undefined) return transactions
  let bytes = 0
  for (const hash of hashes) {
    const transaction = await pool.transaction(hash)
    if (transaction === undefined) continue
    if (bytes + transaction.length > hardResponseBytes) break
    transactions.push(transaction)
    bytes += transaction.length
    if (bytes >= softResponseBytes || transactions.length === maxItems) break
  }
  return transactions
}

/** Stored items of the first 1,024 hashes, up to the first that is not there; a few at a time, by the size they have. */
async function* readInChunks(
  hashes: readonly Uint8Array[],
  read: (hashes: readonly Uint8Array[]) => Promise<readonly (Uint8Array | undefined)[]>,
): AsyncGenerator<Uint8Array> {
  const end = Math.min(hashes.length, maxItems)
  let bytes = 0
  let chunk = firstChunk
  for (let start = 0; start < end; ) {
    const items = await read(hashes.slice(start, Math.min(start + chunk, end)))
    for (const item of items) {
      if (item === undefined) return
      bytes += item.length
      yield item
    }
    start += items.length
    const averageBytes = Math.max(1, bytes / start)
    const fitting = Math.floor((softResponseBytes - bytes) / averageBytes)
    chunk = Math.max(1, Math.min(largestChunk, fitting))
  }
}
