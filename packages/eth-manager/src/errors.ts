/**
 * - `SYNC_CLOSED`: closed before it was done
 * - `SYNC_BAD_HEAD`: the head to sync to, or a block before it, breaks the rules for headers; `cause` is the `ChainError`
 * - `SYNC_FOREIGN_HEAD`: the chain of the head does not begin with our genesis
 * - `SYNC_REORG_TOO_DEEP`: the chain of the head leaves ours too far below our head
 * - `SYNC_STALLED`: peers were there, but none had what was missing for too long
 */
export type SyncErrorCode =
  | 'SYNC_CLOSED'
  | 'SYNC_BAD_HEAD'
  | 'SYNC_FOREIGN_HEAD'
  | 'SYNC_REORG_TOO_DEEP'
  | 'SYNC_STALLED'

/** Why a sync ended without reaching its head. */
export class SyncError extends Error {
  readonly code: SyncErrorCode

  constructor(code: SyncErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SyncError'
    this.code = code
  }
}
