import type { PeerState } from './peer-set.ts'
import { isComplete, type Part, type Slot, slotBytes } from './slot.ts'

/** Blocks between the last one that is stored and the last one whose parts may be asked for, in order. */
export interface BlockWindow {
  readonly slots: readonly Slot[]
  /** Room for more headers. */
  readonly room: number
  add(slot: Slot): void
  /** The slots, of those at the front, that are complete; at most so many and, from the second on, so many bytes. */
  completeFront(maxBlocks: number, maxBytes: number): { readonly count: number; readonly bytes: number }
  /** Takes slots out at the front. */
  take(count: number): Slot[]
  /** Notes that a part has come. */
  filled(part: 'body' | 'receipts', bytes: number): void
  /**
   * Slots with a part that may be asked for now: not there, not with others (or with one other, since before
   * `askedBeforeMs`), and accepted by `mayAsk`.
   */
  missing(part: 'body' | 'receipts', query: MissingQuery): Slot[]
  /** Bytes of a part, on average of late. */
  average(part: 'body' | 'receipts'): number
}

interface MissingQuery {
  readonly state: PeerState
  readonly maxItems: number
  readonly askedBeforeMs: number | undefined
  /** False skips the slot. */
  mayAsk(slot: Slot, found: number): boolean
}

export interface BlockWindowOptions {
  /** Asked anew each time: what is there already stays, though it be more. */
  readonly maxBlocks: () => number
  readonly maxBytes: number
}

const averageImpact = 0.05
const firstAverage = { body: 4096, receipts: 4096 } as const
/** What is at the front is asked for even when the window is full of bytes: without it nothing gets stored. */
const alwaysAllowed = 16

/** Makes an empty window. */
export function createBlockWindow({ maxBlocks, maxBytes }: BlockWindowOptions): BlockWindow {
  const slots: Slot[] = [] // bounded: the largest maxBlocks
  const averages: Record<'body' | 'receipts', number> = { ...firstAverage }
  let waitingBytes = 0

  const expectedBytes = (part: 'body' | 'receipts'): number => {
    let inFlight = 0
    for (const slot of slots) if (slot[part].bytes === undefined && slot[part].holders.length > 0) inFlight++
    return inFlight * averages[part]
  }

  const available = (part: Part, state: PeerState, askedBeforeMs: number | undefined): boolean => {
    if (part.bytes !== undefined) return false
    if (part.holders.length === 0) return true
    if (askedBeforeMs === undefined || part.holders.length > 1) return false
    return part.askedAtMs < askedBeforeMs && part.holders[0] !== state
  }

  return {
    slots,
    get room() {
      return maxBlocks() - slots.length
    },
    add(slot) {
      slots.push(slot)
      waitingBytes += slotBytes(slot)
    },
    completeFront(blocks, bytesLimit) {
      let bytes = 0
      let count = 0
      for (const slot of slots) {
        if (count >= blocks || (count > 0 && bytes >= bytesLimit) || !isComplete(slot)) break
        bytes += slotBytes(slot)
        count++
      }
      return { count, bytes }
    },
    take(count) {
      const taken = slots.splice(0, count)
      for (const slot of taken) waitingBytes -= slotBytes(slot)
      return taken
    },
    filled(part, bytes) {
      waitingBytes += bytes
      averages[part] += averageImpact * (bytes - averages[part])
    },
    missing(part, { state, maxItems, askedBeforeMs, mayAsk }) {
      const found: Slot[] = []
      let budget = maxBytes - waitingBytes - expectedBytes('body') - expectedBytes('receipts')
      for (const [index, slot] of slots.entries()) {
        if (found.length >= maxItems) break
        if (!available(slot[part], state, askedBeforeMs)) continue
        budget -= averages[part]
        if (budget < 0 && index >= alwaysAllowed) break
        if (mayAsk(slot, found.length)) found.push(slot)
      }
      return found
    },
    average: (part) => averages[part],
  }
}
