/**
 * The canonical chain on any abstract-level store: headers, bodies and receipts as the bytes they came in, written in
 * atomic batches, and a skeleton of headers for a sync in progress.
 *
 * @module
 */
export type { ChainDatabase } from './database.ts'
export { ChainStoreError, type ChainStoreErrorCode } from './errors.ts'
export { type ChainStoreOptions, openChainStore } from './store.ts'
export type {
  BlockRef,
  ChainHead,
  ChainStore,
  ChainStoreReader,
  ChainStoreWriter,
  LateReceipts,
  Skeleton,
  SkeletonStore,
  StoredBlock,
  StoredHeader,
  UnavailableReceipts,
} from './types.ts'
