import { encodeList, listItems } from '@ethwire/rlp-codec'
import type { ChainReader, TransactionPoolReader } from './chain-reader.ts'
import type { ReadReceipts } from './large-receipts.ts'
import { type GetReceipts, maxItems, maxMessageBytes } from './messages.ts'

/** Room for a message's own lists, id and flag. */
const envelopeBytes = 64
const hardResponseBytes = maxMessageBytes - envelopeBytes
/** Receipts of one block that have more than this are given in parts that have hardly more, where the version has parts. */
const partBytes = 2 * 1024 * 1024
/** Items of the first read, of which each may be as large as a block gets; the next ones are sized by what came. */
const firstChunk = 1
const largestChunk = 64

/** An answer; or how many bytes its first item has, where that is more than an answer may have now. */
export type Served<T> = ({ readonly answer: T } | { readonly neededBytes: number }) & {
  /** Of all that was read for it. */
  readonly readBytes: number
}

/** Items of an answer. */
export interface ServedItems {
  readonly items: Uint8Array[]
}

/** Bodies in the order of the hashes, up to the first that is not there or does not fit. */
export async function serveBodies(
  chain: ChainReader,
  hashes: readonly Uint8Array[],
  maxBytes: number,
): Promise<Served<ServedItems>> {
  const items: Uint8Array[] = [] // bounded: maxItems, maxBytes together
  let bytes = 0
  let readBytes = 0
  for await (const body of readInChunks(hashes, maxBytes, (some) => chain.bodies(some))) {
    readBytes += body.length
    if (bytes + body.length > maxBytes) {
      if (items.length === 0 && body.length <= hardResponseBytes) return { neededBytes: body.length, readBytes }
      break
    }
    items.push(body)
    bytes += body.length
  }
  return { answer: { items }, readBytes }
}

/** Receipt lists, and whether the last is cut. */
export interface ServedReceipts extends ServedItems {
  readonly lastBlockIncomplete: boolean
}

/**
 * Receipt lists in the order of the hashes, up to the first that is not there or does not fit. The first one begins at the
 * receipt asked for. Where `mayCut`, one that would not even fit alone is given in parts, as an answer of its own: no answer
 * is larger than it has to be, and who puts the parts together has one block in its hands, not all that it asked for.
 */
export async function serveReceipts(
  readReceipts: ReadReceipts,
  { hashes, firstBlockReceiptIndex }: Pick<GetReceipts, 'hashes' | 'firstBlockReceiptIndex'>,
  mayCut: boolean,
  maxBytes: number,
): Promise<Served<ServedReceipts>> {
  const items: Uint8Array[] = [] // bounded: maxItems, maxBytes together
  let bytes = 0
  let readBytes = 0
  for await (const stored of readInChunks(hashes, maxBytes, readReceipts)) {
    readBytes += stored.length
    if (items.length === 0 && mayCut && (firstBlockReceiptIndex > 0n || stored.length > partBytes)) {
      return serveCut(stored, firstBlockReceiptIndex, maxBytes)
    }
    if (bytes + stored.length > maxBytes) {
      if (items.length === 0 && stored.length <= hardResponseBytes) return { neededBytes: stored.length, readBytes }
      break
    }
    items.push(stored)
    bytes += stored.length
  }
  return { answer: { items, lastBlockIncomplete: false }, readBytes }
}

/** A block's receipts from an index on: all, or up to the one that goes over `partBytes`. */
function serveCut(stored: Uint8Array, from: bigint, maxBytes: number): Served<ServedReceipts> {
  const receipts = listItems(stored, Number.MAX_SAFE_INTEGER)
  const wanted = from >= BigInt(receipts.length) ? [] : receipts.slice(Number(from))
  const part: Uint8Array[] = [] // bounded: partBytes and one receipt, hardResponseBytes together
  let bytes = 0
  for (const receipt of wanted) {
    if (bytes >= partBytes || bytes + receipt.length > hardResponseBytes) break
    part.push(receipt)
    bytes += receipt.length
  }
  const readBytes = stored.length
  // Smaller parts than these would be more than a peer takes for one answer.
  if (bytes > maxBytes && maxBytes < partBytes) return { neededBytes: partBytes, readBytes }
  const isCut = part.length < wanted.length
  // Not even one receipt fits: the answer ends before this block.
  if (isCut && part.length === 0) return { answer: { items: [], lastBlockIncomplete: false }, readBytes }
  return { answer: { items: [encodeList(part)], lastBlockIncomplete: isCut }, readBytes }
}

/** Pool transactions in the order of the hashes; what is not there is left out. */
export async function servePooledTransactions(
  pool: TransactionPoolReader | undefined,
  hashes: readonly Uint8Array[],
  maxBytes: number,
): Promise<Served<ServedItems>> {
  const items: Uint8Array[] = [] // bounded: maxItems, maxBytes together
  if (pool === undefined) return { answer: { items }, readBytes: 0 }
  let bytes = 0
  for (const hash of hashes) {
    const transaction = await pool.transaction(hash)
    if (transaction === undefined) continue
    if (bytes + transaction.length > maxBytes) {
      if (items.length === 0 && transaction.length <= hardResponseBytes)
        return { neededBytes: transaction.length, readBytes: transaction.length }
      break
    }
    items.push(transaction)
    bytes += transaction.length
    if (items.length === maxItems) break
  }
  return { answer: { items }, readBytes: bytes }
}

/** Stored items of the first 1,024 hashes, up to the first that is not there; a few at a time, by the size they have. */
async function* readInChunks(
  hashes: readonly Uint8Array[],
  maxBytes: number,
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
    const fitting = Math.floor((maxBytes - bytes) / averageBytes)
    chunk = Math.max(1, Math.min(largestChunk, fitting))
  }
}
