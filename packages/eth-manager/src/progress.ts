import type { BlockRef, UnavailableReceipts } from './chain-writer.ts'
import type { SyncError } from './errors.ts'
import type { Offence } from './offence.ts'

interface Standing {
  /** The last block that is stored. */
  readonly head: BlockRef
  readonly peers: number
  /** What the store failed with last, while it is tried again and again whether it works; absent otherwise. */
  readonly storeError?: Error
  /** Blocks whose receipts nobody could deliver yet, ascending; at most 1,024 of them. */
  readonly receiptsUnavailable: readonly UnavailableReceipts[]
  /** How many peers were caught at what, since the start. */
  readonly offences: Readonly<Record<Offence, number>>
}

interface Underway {
  readonly target: BlockRef
  /** What is done, of what there is to do in this state. */
  readonly done: number
  readonly total: number
  readonly perSecond: number
  /** Undefined while the rate is not known. */
  readonly msLeft: number | undefined
}

/**
 * Where a sync stands.
 * - `idle`: closed
 * - `finding-head`: no head is known, or nobody is there to ask
 * - `headers`: headers are fetched from the target downwards
 * - `blocks`: bodies (and receipts) are fetched and stored, upwards
 * - `synced`: the head is reached; with `head: 'peers'` newer ones are waited for
 * - `failed`: the sync can't go on
 */
export type SyncProgress = Standing &
  (
    | { readonly state: 'idle' }
    | { readonly state: 'finding-head' }
    | ({ readonly state: 'headers' } & Underway)
    | ({ readonly state: 'blocks' } & Underway)
    | { readonly state: 'synced' }
    | { readonly state: 'failed'; readonly error: SyncError | Error }
  )
