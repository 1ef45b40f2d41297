import { encode as encodeByRlp } from 'rlp'

/** One item that is RLP already: a stored body, a transaction kept as bytes. It is copied into its place once. */
export class EncodedItem {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** What can be written: a byte string, an item that is encoded already, or a list of such. */
export type Item = Uint8Array | EncodedItem | readonly Item[]

/** Writes one item. */
export function writeItem(item: Item): Uint8Array {
  const parts: Uint8Array[] = []
  const total = collect(item, parts)
  return parts.length === 1 ? (parts[0] as Uint8Array) : join(parts, total)
}

/** A list of items that are RLP already. */
export function encodeList(encodedItems: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const item of encodedItems) length += item.length
  const header = listHeader(length)
  return join([header, ...encodedItems], header.length + length)
}

/** One byte string. */
export function encodeBytes(bytes: Uint8Array): Uint8Array {
  return encodeByRlp(bytes)
}

/** One unsigned number: big-endian without leading zeros, zero as the empty string. */
export function encodeUint(value: bigint | number): Uint8Array {
  return encodeByRlp(uintBytes(value))
}

/** Big-endian without leading zeros; zero is empty. */
export function uintBytes(value: bigint | number): Uint8Array {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value))) {
    throw new RangeError(`expected an unsigned integer, got ${value}`)
  }
  let hex = value.toString(16)
  if (hex === '0') return new Uint8Array(0)
  if (hex.length % 2 === 1) hex = `0${hex}`
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/**
 * Byte strings are written by `rlp`; lists are put together here, since `rlp` can't take items that are encoded already
 * and copies each level once more. Parts come in order, a list's header being put in when its length is known.
 */
function collect(item: Item, parts: Uint8Array[]): number {
  if (item instanceof Uint8Array) return push(parts, encodeByRlp(item))
  if (item instanceof EncodedItem) return push(parts, item.bytes)
  const headerIndex = parts.push(empty) - 1
  let length = 0
  for (const child of item) length += collect(child, parts)
  const header = listHeader(length)
  parts[headerIndex] = header
  return header.length + length
}

const empty = new Uint8Array(0)

function push(parts: Uint8Array[], bytes: Uint8Array): number {
  parts.push(bytes)
  return bytes.length
}

function listHeader(length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(0xc0 + length)
  const size = uintBytes(length)
  const header = new Uint8Array(1 + size.length)
  header[0] = 0xf7 + size.length
  header.set(size, 1)
  return header
}

function join(parts: readonly Uint8Array[], total: number): Uint8Array {
  const joined = new Uint8Array(total)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
