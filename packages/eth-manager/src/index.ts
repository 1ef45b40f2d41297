/**
 * The eth protocol with many peers: a synchroniser that downloads headers, bodies and receipts from all of them at once,
 * and stores nothing that is not linked to the head and checked against its roots.
 *
 * @module
 */
export type {
  BlockRef,
  ChainWriter,
  RawHeader,
  SkeletonState,
  UnavailableReceipts,
  VerifiedBlock,
} from './chain-writer.ts'
export { SyncError, type SyncErrorCode } from './errors.ts'
export { createEthManager, type EthManager, type EthManagerEvents, type EthManagerOptions } from './eth-manager.ts'
export type { Offence } from './offence.ts'
export type { SyncProgress } from './progress.ts'
