import { decodeHeader, type Hasher, verifyReceipts } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import type { Clock, Timer } from '@ethwire/io'
import { ProtocolError } from '@ethwire/protocol'
import { partialReceiptsVersion } from './block-sources.ts'
import type { ChainWriter, UnavailableReceipts } from './chain-writer.ts'
import type { Fetcher, Source } from './fetcher.ts'
import { judge } from './offence.ts'
import type { PeerState } from './peer-set.ts'
import type { WorkQueue } from './work-queue.ts'

/** Fetches receipts that were unavailable, once there is a peer that can deliver them. */
export interface ReceiptRetry {
  /** Blocks without receipts, ascending; at most 1,024 of them. */
  unavailable(): readonly UnavailableReceipts[]
  /** Takes in what the store has marked. */
  load(): Promise<void>
  add(block: UnavailableReceipts): void
  /** Forgets blocks above a number, which were taken back. */
  rewound(toNumber: number): void
  close(): void
}

export interface ReceiptRetryOptions {
  readonly store: ChainWriter
  readonly fetcher: Fetcher
  readonly clock: Clock
  readonly crypto: Hasher
  readonly work: WorkQueue
  readonly onStored: (block: UnavailableReceipts) => void
  /** Once when something fails, however often it is tried again. */
  readonly onError: (error: unknown) => void
}

const maxUnavailable = 1024
/** With fewer in memory it is looked whether the store has more. */
const refillBelow = maxUnavailable / 4
const firstPauseMs = 1_000
const maxPauseMs = 60_000

export function createReceiptRetry(options: ReceiptRetryOptions): ReceiptRetry {
  const { store, fetcher, clock, crypto, work, onStored, onError } = options
  // bounded: maxUnavailable; the store knows of the rest
  const waiting = new Map<number, UnavailableReceipts>()
  const holders = new Map<number, PeerState>() // bounded: as waiting
  let storeHasMore = false
  let refilling = false
  let pauseMs = firstPauseMs
  let pause: Timer | undefined
  let closed = false

  const load = async (): Promise<void> => {
    const marked = await store.unavailableReceipts(maxUnavailable)
    storeHasMore = marked.length === maxUnavailable
    for (const block of marked) if (waiting.size < maxUnavailable) waiting.set(block.number, block)
    fetcher.wake()
  }

  const refill = async (): Promise<void> => {
    if (refilling || !storeHasMore || waiting.size >= refillBelow) return
    refilling = true
    try {
      await load()
    } finally {
      refilling = false
    }
  }

  /** What went wrong here may last, as a full disk does: the same is not asked for again at once. */
  const fail = (error: unknown): void => {
    if (closed || pause !== undefined) return
    if (pauseMs === firstPauseMs) onError(error)
    pause = clock.setTimer(pauseMs, () => {
      pause = undefined
      void refill().catch(fail)
      fetcher.wake()
    })
    pauseMs = Math.min(maxPauseMs, 2 * pauseMs)
  }

  const fetch = async (
    block: UnavailableReceipts,
    state: PeerState,
    request: RequestOptions,
  ): Promise<() => Promise<number>> => {
    const { number, hash } = block
    const raw = await store.headerByNumber(number)
    const stored = await store.hashByNumber(number)
    if (raw === undefined || stored === undefined || !equalBytes(stored, hash)) {
      waiting.delete(number)
      return async () => 0
    }
    const header = decodeHeader(raw)
    let items: readonly Uint8Array[]
    try {
      items = await state.peer.getReceipts([hash], { ...request, gasUsed: [header.gasUsed] })
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'PROTOCOL_RESPONSE_OVERSIZED') throw error
      items = []
    }
    return async () => {
      const [receipts] = items
      if (receipts === undefined) {
        state.lack('receipts', number)
        return 0
      }
      await work.run(() => judge(() => void verifyReceipts(header, receipts, crypto), `receipts of block ${number}`))
      if (!waiting.has(number)) return 1
      await store.putReceipts([{ number, hash, receipts }])
      waiting.delete(number)
      pauseMs = firstPauseMs
      onStored(block)
      await refill()
      return 1
    }
  }

  const source: Source = {
    kind: 'receipts',
    reserve(state) {
      if (pause !== undefined || waiting.size === 0 || state.peer.version < partialReceiptsVersion) return undefined
      for (const block of waiting.values()) {
        const { number } = block
        if (holders.has(number) || !state.covers(number) || state.lacks('receipts', number)) continue
        holders.set(number, state)
        return {
          items: 1,
          ask: (request) => fetch(block, state, request),
          release: () => {
            if (holders.get(number) === state) holders.delete(number)
          },
        }
      }
      return undefined
    },
    fail,
  }
  const remove = fetcher.add(source)

  return {
    unavailable: () => [...waiting.values()].sort((a, b) => a.number - b.number),
    load,
    add(block) {
      if (waiting.size < maxUnavailable) waiting.set(block.number, block)
      else storeHasMore = true
      fetcher.wake()
    },
    rewound(toNumber) {
      for (const number of waiting.keys()) if (number > toNumber) waiting.delete(number)
    },
    close() {
      closed = true
      pause?.cancel()
      remove()
    },
  }
}

interface RequestOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}
