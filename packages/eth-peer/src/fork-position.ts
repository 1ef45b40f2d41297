import type { ChainPosition } from '@ethwire/chain'
import type { ChainReader } from './chain-reader.ts'

/** Where the head is, as fork IDs need it. */
export function forkPosition(chain: Pick<ChainReader, 'head'>): ChainPosition {
  const { number, timestamp } = chain.head()
  return { number: BigInt(number), timestamp }
}
