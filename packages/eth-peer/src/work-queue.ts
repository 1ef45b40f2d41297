/** Bounds of a work queue, and who hears of failures. */
export interface WorkQueueOptions {
  readonly maxItems: number
  readonly maxBytes: number
  /** Called at most once; the queue is closed then. */
  onError(error: unknown): void
}

/** Work that is done one after the other. */
export interface WorkQueue {
  /** Enters work, however full the queue is: who pushes has asked `isFull` or `room` before. */
  push(bytes: number, work: () => Promise<void>): void
  readonly isFull: boolean
  /** Resolves when the queue is no longer full; undefined when it is not. */
  room(): Promise<void> | undefined
  /** Drops what waits. Idempotent. */
  close(): void
}

/** Makes a queue that is full once it has `maxItems` or `maxBytes`, the work in progress counted. */
export function createWorkQueue({ maxItems, maxBytes, onError }: WorkQueueOptions): WorkQueue {
  // bounded: by those who push, by maxItems and maxBytes and one more
  const waiting: { bytes: number; work: () => Promise<void> }[] = []
  let items = 0
  let bytes = 0
  let isRunning = false
  let isClosed = false
  let gotRoom: PromiseWithResolvers<void> | undefined
  const isFull = (): boolean => items >= maxItems || bytes >= maxBytes

  const close = (): void => {
    isClosed = true
    waiting.length = 0
    gotRoom?.resolve()
  }

  const run = async (): Promise<void> => {
    isRunning = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await next.work()
      } catch (error) {
        if (!isClosed) {
          close()
          onError(error)
        }
        return
      }
      items--
      bytes -= next.bytes
      if (gotRoom !== undefined && !isFull()) {
        gotRoom.resolve()
        gotRoom = undefined
      }
    }
    isRunning = false
  }

  return {
    push(size, work) {
      if (isClosed) return
      items++
      bytes += size
      waiting.push({ bytes: size, work })
      if (!isRunning) void run()
    },
    get isFull() {
      return isFull()
    },
    room() {
      if (isClosed || !isFull()) return undefined
      gotRoom ??= Promise.withResolvers<void>()
      return gotRoom.promise
    },
    close,
  }
}
