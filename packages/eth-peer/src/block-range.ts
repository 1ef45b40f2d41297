import type { ChainReader } from './chain-reader.ts'
import type { BlockRange } from './messages.ts'

/** The blocks that we have. */
export function localRange(chain: Pick<ChainReader, 'head' | 'earliest'>): BlockRange {
  const { number, hash } = chain.head()
  return {
    earliestBlock: BigInt(Math.min(chain.earliest(), number)),
    latestBlock: BigInt(number),
    latestBlockHash: hash,
  }
}

/** What is wrong with a range that a peer gives, if something is. */
export function rangeFault({ earliestBlock, latestBlock, latestBlockHash }: BlockRange): string | undefined {
  if (earliestBlock > latestBlock) return `a range from ${earliestBlock} to ${latestBlock}`
  if (latestBlockHash.every((byte) => byte === 0)) return 'a range that ends in the zero hash'
  return undefined
}
