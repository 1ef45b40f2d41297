/**
 * - `STORE_VERSION`: the database was written by another version of this package
 * - `STORE_GENESIS`: the database holds the chain of another genesis
 * - `STORE_CORRUPT`: the database contradicts itself
 * - `STORE_NOT_LINKED`: blocks or headers that do not follow what is stored
 * - `STORE_UNKNOWN_BLOCK`: a block that is not in the canonical chain
 * - `STORE_CLOSED`: a write after `close`
 */
export type ChainStoreErrorCode =
  | 'STORE_VERSION'
  | 'STORE_GENESIS'
  | 'STORE_CORRUPT'
  | 'STORE_NOT_LINKED'
  | 'STORE_UNKNOWN_BLOCK'
  | 'STORE_CLOSED'

/** A store that cannot be opened, or a write that would break it. The database's own errors come as they are. */
export class ChainStoreError extends Error {
  readonly code: ChainStoreErrorCode

  constructor(code: ChainStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ChainStoreError'
    this.code = code
  }
}
