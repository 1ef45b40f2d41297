/** Keys and values are bytes, whatever encodings the database was made with. */
export const asBytes = { keyEncoding: 'view', valueEncoding: 'view' } as const

/** What LevelDB is asked for where a loss would be seen by others: on the disk before it is done. Others ignore it. */
export const syncedBytes = { keyEncoding: 'view', valueEncoding: 'view', sync: true } as const

type AsBytes = typeof asBytes

export type StoreOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

interface Range {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
  readonly limit: number
}

/** The part of abstract-level 3 that is used; a `ClassicLevel`, a `MemoryLevel` or any sublevel is one. */
export interface NodeStore {
  open(): Promise<void>
  close(): Promise<void>
  get(key: Uint8Array, options: AsBytes): Promise<Uint8Array | undefined>
  batch(operations: StoreOperation[], options: AsBytes & { readonly sync?: boolean }): Promise<void>
  iterator(options: Range & AsBytes): { all(): Promise<[Uint8Array, Uint8Array][]> }
  clear(options: { readonly gte: Uint8Array; readonly lt: Uint8Array; readonly keyEncoding: 'view' }): Promise<void>
}
