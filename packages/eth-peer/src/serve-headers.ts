import { equalBytes } from '@ethwire/crypto'
import { Cursor } from '@ethwire/rlp-codec'
import type { ChainReader } from './chain-reader.ts'
import { type GetBlockHeaders, maxItems } from './messages.ts'

/** Headers of one read: few enough that the limit of an answer is not overrun by much. */
const chunk = 128
/** Ancestors that are looked up one by one, for a block that is not canonical. */
const maxNonCanonical = 100

/** The headers that answer a query: at most 1,024, and so many bytes, the first header always. */
export async function serveHeaders(
  chain: ChainReader,
  query: GetBlockHeaders['query'],
  maxBytes: number,
): Promise<Uint8Array[]> {
  const count = Number(query.count < BigInt(maxItems) ? query.count : BigInt(maxItems))
  if (count === 0) return []
  const { start } = query
  const headers = createAnswer(count, maxBytes)
  if (typeof start === 'bigint') {
    await addCanonical(chain, headers, start, query)
  } else {
    await addFromHash(chain, headers, start, query)
  }
  return headers.items
}

/** An answer that grows until it is full. */
interface Answer {
  readonly items: Uint8Array[]
  /** How many more there is room for. */
  room(): number
  /** Adds it, or ends the answer before it. */
  add(header: Uint8Array): void
}

function createAnswer(count: number, maxBytes: number): Answer {
  const items: Uint8Array[] = [] // bounded: count, which is at most maxItems, and maxBytes
  let bytes = 0
  let isFull = false
  return {
    items,
    room: () => (isFull ? 0 : count - items.length),
    add(header) {
      isFull = items.length > 0 && bytes + header.length > maxBytes
      if (isFull) return
      items.push(header)
      bytes += header.length
    },
  }
}

/** Adds canonical headers from a number on, in the query's steps. */
async function addCanonical(
  chain: ChainReader,
  answer: Answer,
  start: bigint,
  { skip, reverse }: GetBlockHeaders['query'],
): Promise<void> {
  const head = BigInt(chain.head().number)
  if (start > head) return
  // In bigints: a skip near 2^64 must not wrap round to a block that was not asked for.
  const stride = skip + 1n
  const reachable = (reverse ? start : head - start) / stride + 1n
  let left = reachable < BigInt(answer.room()) ? Number(reachable) : answer.room()
  let next = start
  while (left > 0 && answer.room() > 0) {
    const wanted = Math.min(left, chunk)
    const step = wanted === 1 ? 1 : Number(reverse ? -stride : stride)
    const headers = await chain.headerRange(Number(next), wanted, step)
    for (const header of headers) if (answer.room() > 0) answer.add(header)
    if (headers.length < wanted) return
    left -= wanted
    next += BigInt(wanted) * (reverse ? -stride : stride)
  }
}

async function addFromHash(
  chain: ChainReader,
  answer: Answer,
  start: Uint8Array,
  query: GetBlockHeaders['query'],
): Promise<void> {
  let hash = start
  let toSkip = 0n
  for (let steps = 0; steps <= maxNonCanonical && answer.room() > 0; steps++) {
    const header = await chain.headerByHash(hash)
    if (header === undefined) return
    const { number, parentHash } = readLinks(header)
    const canonical = await chain.hashByNumber(Number(number))
    if (canonical !== undefined && equalBytes(canonical, hash)) {
      // From here on ancestors, and only here descendants, are found by number.
      const from = query.reverse ? number - toSkip : number
      if (from >= 0n) await addCanonical(chain, answer, from, query)
      return
    }
    if (toSkip === 0n) {
      answer.add(header)
      toSkip = query.skip + 1n
    }
    if (!query.reverse || number === 0n) return
    toSkip--
    hash = parentHash
  }
}

/** A header's number and parent; the fields between are passed over. */
function readLinks(header: Uint8Array): { number: bigint; parentHash: Uint8Array } {
  const input = new Cursor(header)
  input.enterList('a header')
  input.nextBytes('a hash')
  const parentHash = input.payload()
  for (let field = 1; field < 8; field++) input.next()
  input.nextBytes('a number')
  let number = 0n
  for (const byte of input.payload()) number = number * 256n + BigInt(byte)
  return { number, parentHash }
}
