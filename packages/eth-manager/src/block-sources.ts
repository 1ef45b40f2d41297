import { type Hasher, verifyBody, verifyReceipts } from '@ethwire/chain'
import { ProtocolError } from '@ethwire/protocol'
import type { BlockWindow } from './block-window.ts'
import type { Assignment, Source } from './fetcher.ts'
import { judge } from './offence.ts'
import type { PeerState } from './peer-set.ts'
import type { RequestKind } from './rate.ts'
import type { Slot } from './slot.ts'
import type { Breathe, WorkQueue } from './work-queue.ts'

export interface BlockSourcesOptions {
  readonly window: BlockWindow
  readonly crypto: Hasher
  readonly monotonicMs: () => number
  /** Where answers are judged. */
  readonly work: WorkQueue
  /** Something in the window is complete that was not. */
  readonly onFilled: () => void
  readonly onError: (error: unknown) => void
}

/** From this version on receipts come in parts, so that no block's are too many (EIP-7975). */
export const partialReceiptsVersion = 70

// geth's bounds of what it asks for at once.
const maxBodies = 128
const maxReceipts = 256
/** Peers answer with about 2 MiB; asking for half as much again leaves no room unused. */
const wantedBytes = 1.5 * 2 * 1024 * 1024
const minItems = 2
/** How long an answer may wait to be judged until another peer may be asked. */
const judgingMs = 10_000
/** When so many peers say that receipts are over the limit, it is taken for true: each answer may cost 10 MiB. */
const oversizedClaims = 3
/** When so many say that an answer is over the limit, the blocks in it are asked for alone by everybody. */
const aloneClaims = 2

/** What kinds of parts have in common, and where they differ. */
interface PartKind {
  readonly kind: RequestKind
  readonly part: 'body' | 'receipts'
  readonly maxItems: number
  request(
    state: PeerState,
    slots: readonly Slot[],
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<readonly Uint8Array[]>
  /** @throws ChainError */
  verify(slot: Slot, bytes: Uint8Array): void
  mayAsk(slot: Slot, state: PeerState, found: number): boolean
  /** What to do about a request that failed; true if it is settled by this. */
  settle(error: unknown, slots: readonly Slot[], state: PeerState): boolean
}

/** The bodies that a window misses. */
export function createBodySource(options: BlockSourcesOptions): Source {
  return createPartSource(options, {
    kind: 'bodies',
    part: 'body',
    maxItems: maxBodies,
    request: ({ peer }, slots, requestOptions) => peer.getBlockBodies(slots.map(hashOf), requestOptions),
    verify: (slot, bytes) => void verifyBody(slot.commitments, bytes, options.crypto),
    mayAsk: () => true,
    settle: () => false,
  })
}

/** The receipts that a window misses. */
export function createReceiptSource(options: BlockSourcesOptions): Source {
  return createPartSource(options, {
    kind: 'receipts',
    part: 'receipts',
    maxItems: maxReceipts,
    request: ({ peer }, slots, requestOptions) =>
      peer.getReceipts(slots.map(hashOf), {
        ...requestOptions,
        gasUsed: slots.map(({ commitments }) => commitments.gasUsed),
      }),
    verify: (slot, bytes) => void verifyReceipts(slot.commitments, bytes, options.crypto),
    mayAsk(slot, state, found) {
      if (slot.receiptsUnavailable !== undefined || !mayDeliver(slot, state)) return false
      if (aloneFor(slot, state)) return found === 0
      return true
    },
    settle(error, slots, state) {
      if (!(error instanceof ProtocolError) || error.code !== 'PROTOCOL_RESPONSE_OVERSIZED') return false
      const [only] = slots
      for (const { oversizedIn } of slots) if (!oversizedIn.includes(state)) oversizedIn.push(state)
      if (slots.length === 1 && only !== undefined) {
        if (!only.oversizedBy.includes(state)) only.oversizedBy.push(state)
        state.lack('receipts', only.number)
      }
      return true
    },
  })
}

/**
 * Marks receipts that nobody who is there can deliver: over the limit in one message, and no peer sends them in parts.
 * Returns the blocks concerned.
 */
export function giveUpOversized(window: BlockWindow, states: readonly PeerState[]): Slot[] {
  const given: Slot[] = []
  for (const slot of window.slots) {
    if (slot.oversizedBy.length === 0 || slot.receipts.bytes !== undefined || slot.receiptsUnavailable !== undefined)
      continue
    const able = (state: PeerState): boolean =>
      mayDeliver(slot, state) && state.covers(slot.number) && !state.lacks('receipts', slot.number)
    if (states.some(able)) continue
    slot.receiptsUnavailable = 'larger than a message, and no peer sends receipts in parts'
    given.push(slot)
  }
  return given
}

/** Whether a block's receipts are asked for alone: one who claims too much is to slow down nobody but itself. */
function aloneFor({ oversizedIn }: Slot, state: PeerState): boolean {
  return oversizedIn.length >= aloneClaims || oversizedIn.includes(state)
}

/** Whether a block's receipts may be expected of a peer, going by who said that they are over the limit. */
function mayDeliver({ oversizedBy }: Slot, state: PeerState): boolean {
  if (state.peer.version >= partialReceiptsVersion) return true
  return oversizedBy.length < oversizedClaims && !oversizedBy.includes(state)
}

function createPartSource(options: BlockSourcesOptions, partKind: PartKind): Source {
  const { window, monotonicMs, work, onFilled } = options
  const { kind, part } = partKind

  const accept = async (
    slots: readonly Slot[],
    items: readonly Uint8Array[],
    state: PeerState,
    breathe: Breathe,
  ): Promise<number> => {
    if (items.length === 0) for (const slot of slots) state.lack(kind, slot.number)
    let filled = false
    try {
      for (const [index, bytes] of items.entries()) {
        const slot = slots[index] as Slot
        if (slot[part].bytes !== undefined) continue
        await breathe()
        judge(() => partKind.verify(slot, bytes), `${part} of block ${slot.number}`)
        slot[part].bytes = bytes
        window.filled(part, bytes.length)
        filled = true
      }
    } finally {
      if (filled) onFilled()
    }
    return items.length
  }

  const assignment = (slots: readonly Slot[], state: PeerState): Assignment => {
    const now = monotonicMs()
    for (const slot of slots) {
      slot[part].holders.push(state)
      slot[part].askedAtMs = now
    }
    return {
      items: slots.length,
      async ask(requestOptions) {
        try {
          const items = await partKind.request(state, slots, requestOptions)
          // What is here waits for its turn to be judged: nobody else is to be asked for it meanwhile.
          for (let index = 0; index < items.length; index++)
            (slots[index] as Slot)[part].askedAtMs = monotonicMs() + judgingMs
          return () => work.run((breathe) => accept(slots, items, state, breathe))
        } catch (error) {
          if (!partKind.settle(error, slots, state)) throw error
          onFilled()
          return () => 0
        }
      },
      release() {
        for (const slot of slots) {
          const index = slot[part].holders.indexOf(state)
          if (index >= 0) slot[part].holders.splice(index, 1)
        }
      },
    }
  }

  return {
    kind,
    reserve(state, capacity, askedBeforeMs) {
      const maxItems = Math.max(minItems, Math.min(partKind.maxItems, capacity, wantedBytes / window.average(part)))
      const slots = window.missing(part, {
        state,
        maxItems,
        askedBeforeMs,
        mayAsk(slot, found) {
          if (!state.covers(slot.number) || state.lacks(kind, slot.number)) return false
          return partKind.mayAsk(slot, state, found)
        },
      })
      // What is asked for alone is first or not at all.
      const [first] = slots
      if (first === undefined) return undefined
      return assignment(part === 'receipts' && aloneFor(first, state) ? [first] : slots, state)
    },
    fail: options.onError,
  }
}

function hashOf({ hash }: Slot): Uint8Array {
  return hash
}
