import type { EthManager } from '@ethwire/eth-manager'
import type { SyncProgress } from './rpc/eth.ts'

/** What `eth_syncing` tells of a manager: undefined while there is nothing to download. */
export function createSyncStatus(manager: Pick<EthManager, 'on' | 'progress'>): () => SyncProgress | undefined {
  let startingBlock: number | undefined
  manager.on('progress', ({ state, head }) => {
    const syncing = state === 'headers' || state === 'blocks'
    startingBlock = syncing ? (startingBlock ?? head.number) : undefined
  })
  return () => {
    const progress = manager.progress()
    if (progress.state !== 'headers' && progress.state !== 'blocks') return undefined
    const { head, target } = progress
    return { startingBlock: startingBlock ?? head.number, currentBlock: head.number, highestBlock: target.number }
  }
}
