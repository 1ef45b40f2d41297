import { forkId } from '@ethwire/chain'
import type { ChainStore } from '@ethwire/chain-store'
import type { LocalNode } from '@ethwire/enr'
import { ethEntry } from '@ethwire/eth-peer'
import type { ChosenNetwork } from './network.ts'

/**
 * Keeps the `eth` entry of the node's record at the forks that the head has passed; the record changes with them alone.
 * Returns what ends it.
 */
export function followForks(
  localNode: Pick<LocalNode, 'set'>,
  chain: Pick<ChainStore, 'head' | 'onHead'>,
  { config, genesis }: Pick<ChosenNetwork, 'config' | 'genesis'>,
): () => void {
  const update = (): void => {
    const { number, timestamp } = chain.head()
    localNode.set(ethEntry, forkId(config, genesis, { number: BigInt(number), timestamp }))
  }
  const end = chain.onHead(update)
  // The head may have moved since the record was made.
  update()
  return end
}
