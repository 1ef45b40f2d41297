import type { EthManager } from '@ethwire/eth-manager'
import type { Clock, Logger } from '@ethwire/io'

export interface MissingHeadOptions {
  readonly manager: Pick<EthManager, 'progress'>
  /** What the user named. */
  readonly head: Uint8Array
  readonly clock: Pick<Clock, 'monotonicMs' | 'setTimer'>
  readonly logger: Logger
}

const lookMs = 1_000
const patienceMs = 15_000
const repeatMs = 60_000

/** Says when there are peers, but none of them has the head that the user named. Returns what ends it. */
export function warnOfMissingHead({ manager, head, clock, logger }: MissingHeadOptions): () => void {
  const hash = `0x${Buffer.from(head).toString('hex')}`
  let dueMs: number | undefined
  let timer = clock.setTimer(lookMs, look)
  function look(): void {
    timer = clock.setTimer(lookMs, look)
    const { state, peers } = manager.progress()
    if (state !== 'finding-head' || peers === 0) {
      dueMs = undefined
      return
    }
    const now = clock.monotonicMs()
    dueMs ??= now + patienceMs
    if (now < dueMs) return
    dueMs = now + repeatMs
    logger.warn({ peers }, `No peer has the block of --head ${hash}`)
  }
  return () => timer.cancel()
}
