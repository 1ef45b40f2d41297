/**
 * One letter for each table, then the number as eight bytes (so that neighbours lie together and a range is one read), or
 * the hash.
 */
const tables = {
  header: 'h',
  hash: 'n',
  numberByHash: 'i',
  body: 'b',
  receipts: 'r',
  unavailableReceipts: 'u',
  skeleton: 's',
} as const

export type NumberTable = Exclude<keyof typeof tables, 'numberByHash'>

/** Written with each change of the layout; a store of another version is not opened. */
export const schemaVersion = 1

export const metaKeys: Readonly<Record<'version' | 'genesis' | 'head' | 'skeleton', Uint8Array>> = {
  version: text('m/version'),
  genesis: text('m/genesis'),
  head: text('m/head'),
  skeleton: text('m/skeleton'),
}

export function numberKey(table: NumberTable, number: number): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = tables[table].charCodeAt(0)
  writeNumber(key, 1, number)
  return key
}

export function hashKey(hash: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + hash.length)
  key[0] = tables.numberByHash.charCodeAt(0)
  key.set(hash, 1)
  return key
}

/** The number in a key made by `numberKey`. */
export function numberOfKey(key: Uint8Array): number {
  return readNumber(key, key.length - 8)
}

export function writeNumber(target: Uint8Array, at: number, number: number): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  view.setUint32(at, Math.floor(number / 0x1_0000_0000))
  view.setUint32(at + 4, number % 0x1_0000_0000)
}

export function readNumber(source: Uint8Array, at: number): number {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
}

function text(name: string): Uint8Array {
  return new TextEncoder().encode(name)
}
