import { decodeHeader } from '@ethwire/chain'
import type { BlockRef, ChainHead } from './types.ts'

/** What reading and writing share. */
export interface ChainState {
  head(): ChainHead
  /** Sets the head and tells those who listen. */
  moveHead(head: ChainHead): void
  onHead(listener: () => void): () => void
  /** Counts up whenever blocks are removed: what was read across that may belong together no more. */
  removals: number
}

export function createState(head: ChainHead): ChainState {
  let current = head
  // bounded: by the callers, who each end what they began
  const listeners = new Set<() => void>()
  return {
    head: () => current,
    moveHead(next) {
      current = next
      for (const listener of [...listeners]) listener()
    },
    onHead(listener) {
      // Each call has an entry of its own, so that ending one leaves another with the same function.
      const entry = (): void => listener()
      listeners.add(entry)
      return () => {
        listeners.delete(entry)
      }
    },
    removals: 0,
  }
}

/** @throws ChainError `CHAIN_RLP` for bytes that are no header */
export function toHead({ number, hash }: BlockRef, header: Uint8Array): ChainHead {
  return { number, hash, timestamp: decodeHeader(header).timestamp }
}
