import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/**
 * One letter for each table, then the node ID: neighbours in the order of IDs lie together, and a random ID is a place
 * to look from.
 */
const tables = { node: 'n', contacts: 'c', sequence: 'l' } as const

interface Range {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

export type Table = keyof typeof tables

const keyLength = 33

export const versionKey: Uint8Array = new TextEncoder().encode('m/version')

/** Whatever is in a database, whoever wrote it. */
export const everything: Range = { gte: new Uint8Array(0), lt: new Uint8Array(64).fill(0xff) }

/** @param id 64 hex digits */
export function rowKey(table: Table, id: string): Uint8Array {
  const key = new Uint8Array(keyLength)
  key[0] = tables[table].charCodeAt(0)
  key.set(hexToBytes(id), 1)
  return key
}

/** The node ID in a row's key, as 64 hex digits; undefined for a key that is none. */
export function idOfKey(key: Uint8Array): string | undefined {
  return key.length === keyLength ? bytesToHex(key.subarray(1)) : undefined
}

/** All keys of a table, or those from an ID on. */
export function rangeOf(table: Table, from?: Uint8Array): Range {
  const letter = tables[table].charCodeAt(0)
  return { gte: from ?? Uint8Array.of(letter), lt: Uint8Array.of(letter + 1) }
}
