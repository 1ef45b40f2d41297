import { decodeHeader, type Hasher, verifyReceipts } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import { ProtocolError } from '@ethwire/protocol'
import { partialReceiptsVersion } from './block-sources.ts'
import type { ChainWriter, UnavailableReceipts } from './chain-writer.ts'
import type { Fetcher, Source } from './fetcher.ts'
import { OffenceError } from './offence.ts'
import type { PeerState } from './peer-set.ts'

/** Fetches receipts that were unavailable, once there is a peer that can deliver them. */
export interface ReceiptRetry {
  /** Blocks without receipts, ascending; at most 1,024 of them. */
  unavailable(): readonly UnavailableReceipts[]
  add(block: UnavailableReceipts): void
  /** Forgets blocks above a number, which were taken back. */
  rewound(toNumber: number): void
  close(): void
}

export interface ReceiptRetryOptions {
  readonly store: ChainWriter
  readonly fetcher: Fetcher
  readonly crypto: Hasher
  readonly onStored: (block: UnavailableReceipts) => void
  readonly onError: (error: unknown) => void
}

export const maxUnavailable = 1024

export function createReceiptRetry(options: ReceiptRetryOptions): ReceiptRetry {
  const { store, fetcher, crypto, onStored, onError } = options
  // bounded: maxUnavailable; the store knows of the rest
  const waiting = new Map<number, UnavailableReceipts>()
  const holders = new Map<number, PeerState>() // bounded: as waiting

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
      try {
        verifyReceipts(header, receipts, crypto)
      } catch (error) {
        throw new OffenceError('liar', `receipts of block ${number}: ${(error as Error).message}`, { cause: error })
      }
      if (!waiting.has(number)) return 1
      await store.putReceipts([{ number, hash, receipts }])
      waiting.delete(number)
      onStored(block)
      return 1
    }
  }

  const source: Source = {
    kind: 'receipts',
    reserve(state) {
      if (waiting.size === 0 || state.peer.version < partialReceiptsVersion) return undefined
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
    fail: onError,
  }
  const remove = fetcher.add(source)

  return {
    unavailable: () => [...waiting.values()].sort((a, b) => a.number - b.number),
    add(block) {
      if (waiting.size < maxUnavailable) waiting.set(block.number, block)
      fetcher.wake()
    },
    rewound(toNumber) {
      for (const number of waiting.keys()) if (number > toNumber) waiting.delete(number)
    },
    close: remove,
  }
}

interface RequestOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}
