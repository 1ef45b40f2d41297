/** A queue between one writer and one reader: what comes in is pushed, what goes out is iterated. */
export interface AsyncQueue<T> extends AsyncIterableIterator<T, undefined> {
  /** How many items wait. */
  readonly size: number
  /** Adds an item; false when the queue is full, ended or failed, and the item was not taken. */
  push(item: T): boolean
  /** No more will come: iteration ends after what waits. */
  end(): void
  /** No more will come: iteration throws `error` after what waits. */
  fail(error: unknown): void
  /** Drops what waits and returns it. */
  clear(): T[]
}

export interface AsyncQueueOptions<T> {
  /** The most items that may wait. */
  maxItems: number
  /** Called for each item that a reader has taken. */
  onTake?: (item: T) => void
  /** Called once when the reader leaves (`break`, or `return()`); what waits has been dropped by then. */
  onLeave?: () => void
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: unknown): void
}

const done: IteratorResult<never, undefined> = { done: true, value: undefined }

/**
 * Makes an {@link AsyncQueue}. It is its own iterator, so a reader may stop and another go on where it stopped.
 *
 * @example
 * import { createAsyncQueue } from '@ethwire/io'
 *
 * const queue = createAsyncQueue<string>({ maxItems: 100 })
 * queue.push('one')
 * for await (const item of queue) {
 *   console.log(item)
 *   break
 * }
 */
export function createAsyncQueue<T>(options: AsyncQueueOptions<T>): AsyncQueue<T> {
  const { maxItems, onTake, onLeave } = options
  // bounded: maxItems. Taken items stay until `head` passes half of the array, which keeps taking O(1).
  let items: (T | undefined)[] = []
  let head = 0
  // bounded: one for each call of next() that the reader has not awaited
  const waiters: Waiter<T>[] = []
  let state: 'open' | 'ended' | 'failed' | 'left' = 'open'
  let failure: unknown

  const size = (): number => items.length - head

  const finish = (next: 'ended' | 'failed'): void => {
    if (state !== 'open') return
    state = next
    for (const waiter of waiters.splice(0)) {
      if (next === 'failed') waiter.reject(failure)
      else waiter.resolve(done)
    }
  }

  const take = (): T => {
    const item = items[head] as T
    items[head] = undefined
    head++
    if (head === items.length) {
      items = []
      head = 0
    } else if (head >= 64 && head * 2 >= items.length) {
      items = items.slice(head)
      head = 0
    }
    onTake?.(item)
    return item
  }

  const queue: AsyncQueue<T> = {
    get size() {
      return size()
    },
    push(item) {
      if (state !== 'open') return false
      const waiter = waiters.shift()
      if (waiter !== undefined) {
        onTake?.(item)
        waiter.resolve({ done: false, value: item })
        return true
      }
      if (size() >= maxItems) return false
      items.push(item)
      return true
    },
    end: () => finish('ended'),
    fail(error) {
      if (state === 'open') failure = error
      finish('failed')
    },
    clear() {
      const dropped = items.slice(head) as T[]
      items = []
      head = 0
      return dropped
    },
    next() {
      if (size() > 0) return Promise.resolve({ done: false, value: take() })
      if (state === 'failed') return Promise.reject(failure)
      if (state !== 'open') return Promise.resolve(done)
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject })
      })
    },
    return() {
      finish('ended')
      if (state !== 'left') {
        state = 'left'
        queue.clear()
        onLeave?.()
      }
      return Promise.resolve(done)
    },
    [Symbol.asyncIterator]: () => queue,
  }
  return queue
}
