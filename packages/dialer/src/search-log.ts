import type { Clock, Logger, Timer } from '@ethwire/io'

/** While there are fewer dialled peers than three, the log says every so often what is being done about it, as geth's does. */
const FEW_PEERS = 3
const LOG_INTERVAL_MS = 10_000

export interface SearchLogOptions {
  readonly clock: Pick<Clock, 'setTimer'>
  readonly logger: Logger
  readonly maxDialed: number
  dialedCount(): number
  peerCount(): number
  staticCount(): number
}

/** What operators look for in a log when a node has no peers. */
export interface SearchLog {
  /** The number of peers may have changed. */
  watch(): void
  /** A dial is over. */
  tried(): void
  close(): void
}

export function createSearchLog(options: SearchLogOptions): SearchLog {
  const { clock, logger, dialedCount, peerCount, staticCount } = options
  const enough = Math.min(FEW_PEERS, options.maxDialed)
  let timer: Timer | undefined
  let tried = 0

  function watch(): void {
    if (timer !== undefined || dialedCount() >= enough) return
    timer = clock.setTimer(LOG_INTERVAL_MS, () => {
      timer = undefined
      if (dialedCount() < enough)
        logger.info({ peercount: peerCount(), tried, static: staticCount() }, 'Looking for peers')
      tried = 0
      watch()
    })
  }

  return {
    watch,
    tried() {
      tried++
    },
    close: () => timer?.cancel(),
  }
}
