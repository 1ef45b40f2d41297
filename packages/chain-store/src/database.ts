/** Keys and values are bytes, whatever encodings the database was made with. */
export const asBytes = { keyEncoding: 'view', valueEncoding: 'view' } as const

type AsBytes = typeof asBytes

export type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

interface Range {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
  readonly limit?: number
}

interface Rows<T> {
  all(): Promise<T[]>
}

/** The part of abstract-level 3 that the store uses; a `ClassicLevel`, `MemoryLevel` or any sublevel is one. */
export interface ChainDatabase {
  open(): Promise<void>
  get(key: Uint8Array, options: AsBytes): Promise<Uint8Array | undefined>
  getMany(keys: Uint8Array[], options: AsBytes): Promise<(Uint8Array | undefined)[]>
  hasMany(keys: Uint8Array[], options: { readonly keyEncoding: 'view' }): Promise<boolean[]>
  batch(operations: Operation[], options: AsBytes): Promise<void>
  iterator(options: Range & AsBytes): Rows<[Uint8Array, Uint8Array]>
  clear(options: { readonly gte: Uint8Array; readonly lt: Uint8Array; readonly keyEncoding: 'view' }): Promise<void>
}

/** The same database giving out plain arrays: some give Buffers, whose `slice` doesn't copy. */
export function withPlainArrays(db: ChainDatabase): ChainDatabase {
  return {
    open: () => db.open(),
    get: async (key, options) => plain(await db.get(key, options)),
    getMany: async (keys, options) => (await db.getMany(keys, options)).map((value) => plain(value)),
    hasMany: (keys, options) => db.hasMany(keys, options),
    batch: (operations, options) => db.batch(operations, options),
    iterator: (options) => ({
      all: async () => (await db.iterator(options).all()).map(([key, value]) => [plain(key), plain(value)]),
    }),
    clear: (options) => db.clear(options),
  }
}

/**
 * The values of keys that follow each other, up to the first that is not there. Not by an iterator: those of classic-level
 * keep what they have read until the garbage collector finds them, which a heap that is hardly used has it do rarely.
 */
export async function getRow(db: Pick<ChainDatabase, 'getMany'>, keys: Uint8Array[]): Promise<Uint8Array[]> {
  const found = await db.getMany(keys, asBytes)
  const gap = found.indexOf(undefined)
  return (gap < 0 ? found : found.slice(0, gap)) as Uint8Array[]
}

function plain<T extends Uint8Array | undefined>(value: T): T
function plain(value: Uint8Array | undefined): Uint8Array | undefined {
  if (value === undefined || value.constructor === Uint8Array) return value
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}
