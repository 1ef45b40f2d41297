import { decodeHeader } from '@ethwire/chain'
import { createEvents } from '@ethwire/io'
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

/** What a listener throws goes to `onListenerError`: what was written is written. */
export function createState(head: ChainHead, onListenerError: (error: unknown) => void): ChainState {
  let current = head
  const events = createEvents<{ head: ChainHead }>(onListenerError)
  return {
    head: () => current,
    moveHead(next) {
      current = next
      events.emit('head', next)
    },
    // A function of its own for each call, so that ending one leaves another with the same listener.
    onHead: (listener) => events.on('head', () => listener()),
    removals: 0,
  }
}

/** @throws ChainError `CHAIN_RLP` for bytes that are no header */
export function toHead({ number, hash }: BlockRef, header: Uint8Array): ChainHead {
  return { number, hash, timestamp: decodeHeader(header).timestamp }
}
