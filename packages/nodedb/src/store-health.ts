import type { Logger, Metrics } from '@ethwire/io'

/** Whether the store takes what it is given. The first failure is said; what is new stays in memory from then on. */
export interface StoreHealth {
  readonly isWorking: boolean
  failed(error: unknown): void
  worked(): void
}

export function createStoreHealth(logger: Logger, metrics: Metrics): StoreHealth {
  const failures = metrics.counter('nodedb/failures')
  let isWorking = true
  let isSaid = false
  return {
    get isWorking() {
      return isWorking
    },
    failed(error) {
      isWorking = false
      failures.add()
      const fields = { err: error instanceof Error ? error.message : String(error) }
      if (isSaid) logger.debug(fields, 'The node database still fails')
      else logger.warn(fields, 'The node database fails: what is new about nodes is kept in memory')
      isSaid = true
    },
    worked() {
      if (isWorking) return
      isWorking = true
      logger.info({}, 'The node database works again')
    },
  }
}
