import { ChainStoreError } from './errors.ts'

/** Runs writes one after the other, so that each sees the state that the one before left. */
export interface WriteQueue {
  /** @throws ChainStoreError `STORE_CLOSED` */
  run<T>(write: () => Promise<T>): Promise<T>
  /** Resolves when all writes that were accepted are done. */
  close(): Promise<void>
}

export function createWriteQueue(): WriteQueue {
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  return {
    run(write) {
      if (closed) return Promise.reject(new ChainStoreError('STORE_CLOSED', 'the store is closed'))
      const result = last.then(write)
      last = result.catch(() => undefined)
      return result
    },
    async close() {
      closed = true
      await last
    },
  }
}
