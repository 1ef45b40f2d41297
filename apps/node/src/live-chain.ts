import type { ChainStore, StoredBlock } from '@ethwire/chain-store'
import type { ChainHead } from '@ethwire/eth-peer'
import { headTimestamp } from './chain.ts'

/** A chain that tells how it grows: the store, with what peers have to hear of its head. */
export interface LiveChain extends ChainStore {
  head(): ChainHead
  /** Calls `listener` after the head has changed; returns what ends that. */
  onHead(listener: () => void): () => void
}

/** Everything that writes has to go through it. */
export async function createLiveChain(store: ChainStore): Promise<LiveChain> {
  // bounded: one for each peer, and one for the progress display
  const listeners = new Set<() => void>()
  const current = async (): Promise<ChainHead> => ({ ...store.head(), timestamp: await headTimestamp(store) })
  let head = await current()
  const changed = async (): Promise<void> => {
    head = await current()
    for (const listener of listeners) listener()
  }
  return {
    ...store,
    head: () => head,
    async append(blocks: readonly StoredBlock[]) {
      await store.append(blocks)
      await changed()
    },
    async rewind(toNumber: number) {
      try {
        await store.rewind(toNumber)
      } finally {
        await changed()
      }
    },
    onHead(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
