import { localRange } from './block-range.ts'
import type { ChainReader } from './chain-reader.ts'
import type { BlockRange } from './messages.ts'

/** A range is told again when it has grown by an epoch, as geth does. */
const announceEvery = 32n

/** What announcing our range to one peer needs. */
export interface RangeAnnouncerOptions {
  readonly chain: ChainReader
  /** What our Status said. */
  readonly announced: BlockRange
  send(range: BlockRange): Promise<void>
}

/** Tells one peer how our range moves, until it is closed: each 32 blocks, and at once when it falls. */
export function createRangeAnnouncer({ chain, announced: first, send }: RangeAnnouncerOptions): { close(): void } {
  let announced = first
  let isSending = false
  let isClosed = false

  const announce = async (): Promise<void> => {
    if (isSending) return
    isSending = true
    try {
      for (let range = localRange(chain); !isClosed && isDue(range); range = localRange(chain)) {
        announced = range
        await send(range)
      }
    } catch {
      // The connection is over, which whoever reads from it finds out.
    } finally {
      isSending = false
    }
  }
  const isDue = ({ latestBlock }: BlockRange): boolean =>
    latestBlock < announced.latestBlock || latestBlock - announced.latestBlock >= announceEvery

  const stop = chain.onHead?.(() => void announce())
  return {
    close() {
      isClosed = true
      stop?.()
    },
  }
}
