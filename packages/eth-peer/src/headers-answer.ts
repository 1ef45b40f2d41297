import { ChainError, decodeHeader, type Hasher } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import { ProtocolError } from '@ethwire/protocol'
import type { HeadersQuery, ReceivedHeader } from './eth-peer.ts'
import { type BlockReference, type GetBlockHeaders, maxItems } from './messages.ts'

/** A query of the caller's in the form of the message. @throws RangeError, TypeError */
export function headersQuery(query: HeadersQuery): GetBlockHeaders['query'] {
  const { start, count, skip = 0, reverse = false } = query
  if (!Number.isInteger(count) || count < 1 || count > maxItems) {
    throw new RangeError(`expected a count from 1 to ${maxItems}, got ${count}`)
  }
  if (!Number.isSafeInteger(skip) || skip < 0) throw new RangeError(`expected a skip of 0 or more, got ${skip}`)
  return { start: startReference(start), count: BigInt(count), skip: BigInt(skip), reverse }
}

function startReference(start: HeadersQuery['start']): BlockReference {
  if (start instanceof Uint8Array) {
    if (start.length !== 32) throw new RangeError(`expected a hash of 32 bytes, got ${start.length}`)
    return start
  }
  if (typeof start === 'number' && !Number.isSafeInteger(start)) {
    throw new RangeError(`expected a block number, got ${start}`)
  }
  const number = BigInt(start)
  if (number < 0n || number >= 1n << 64n) throw new RangeError(`expected a block number, got ${number}`)
  return number
}

/**
 * Decodes the headers of an answer and checks that they are what was asked for.
 * @throws ProtocolError `PROTOCOL_DECODE`, `PROTOCOL_BREACH`
 */
export function readHeaders(
  query: GetBlockHeaders['query'],
  items: readonly Uint8Array[],
  crypto: Hasher,
): ReceivedHeader[] {
  const { start, skip, reverse } = query
  const headers = items.map((raw) => readHeader(raw, crypto))
  const [first] = headers
  if (first === undefined) return headers
  if (typeof start === 'bigint') {
    // geth answers a reversed query that starts beyond its head from its head on: no lie, but of no use.
    if (reverse && first.header.number < start) return []
    if (first.header.number !== start) breach(`headers from ${first.header.number}, asked from ${start}`)
  } else if (!equalBytes(first.hash, start)) {
    breach('headers that start at another hash')
  }
  const step = reverse ? -skip - 1n : skip + 1n
  for (let i = 1; i < headers.length; i++) {
    const before = headers[i - 1] as ReceivedHeader
    const current = headers[i] as ReceivedHeader
    if (current.header.number !== before.header.number + step) breach('headers with other numbers than asked for')
    if (skip > 0n) continue
    const [parent, child] = reverse ? [current, before] : [before, current]
    if (!equalBytes(child.header.parentHash, parent.hash)) breach('headers that are not linked')
  }
  return headers
}

function readHeader(raw: Uint8Array, crypto: Hasher): ReceivedHeader {
  try {
    return { header: decodeHeader(raw), hash: crypto.keccak256(raw), raw }
  } catch (error) {
    if (!(error instanceof ChainError)) throw error
    throw new ProtocolError('PROTOCOL_DECODE', `BlockHeaders: ${error.message}`, { cause: error })
  }
}

function breach(what: string): never {
  throw new ProtocolError('PROTOCOL_BREACH', `BlockHeaders: ${what}`)
}
