import { type AsyncQueue, type ByteStream, createAsyncQueue, IoError, type SocketEndpoint } from '@ethwire/io'

export interface MemoryStreamOptions {
  /** How much one direction holds before `write` waits; 64 KiB by default. */
  bufferBytes?: number
  /** Cuts what is written into pieces of this size; 1 gives the reader byte after byte. Whole writes by default. */
  segmentBytes?: number
}

/** The two ends of a stream in memory. */
export interface StreamPair {
  /** The end that dialled. */
  readonly first: ByteStream
  /** The end that was dialled. */
  readonly second: ByteStream
}

/** Bytes on their way from one end to the other. */
interface Direction {
  readonly chunks: AsyncQueue<Uint8Array>
  /** Resolves when the writer has ended and all was taken, or the direction failed. */
  readonly finished: Promise<void>
  write(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
  /** What has no reader any more is thrown away instead of holding the writer back. */
  discard(): void
  fail(readerError: Error, writerError: Error): void
}

function createDirection({ bufferBytes = 64 * 1024, segmentBytes }: MemoryStreamOptions): Direction {
  let heldBytes = 0
  let ended = false
  let discarding = false
  let failure: Error | undefined
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  // bounded: one for each write that has not resolved
  const writers: { resolve: () => void; reject: (error: Error) => void }[] = []

  const release = (): void => {
    if (heldBytes < bufferBytes) for (const writer of writers.splice(0)) writer.resolve()
    if (ended && heldBytes === 0) finish()
  }

  const room = (): Promise<void> => {
    if (heldBytes < bufferBytes) return Promise.resolve()
    return new Promise((resolve, reject) => {
      writers.push({ resolve, reject })
    })
  }

  // bounded: bufferBytes and the writes that wait
  const chunks = createAsyncQueue<Uint8Array>({
    maxItems: Number.POSITIVE_INFINITY,
    onTake: (chunk) => {
      heldBytes -= chunk.length
      release()
    },
  })

  return {
    chunks,
    finished,
    write(bytes) {
      if (failure !== undefined) return Promise.reject(failure)
      if (discarding || bytes.length === 0) return Promise.resolve()
      heldBytes += bytes.length
      const step = segmentBytes ?? bytes.length
      // A copy: the writer may change its array as soon as write() has resolved.
      for (let offset = 0; offset < bytes.length; offset += step) chunks.push(bytes.slice(offset, offset + step))
      return room()
    },
    end() {
      ended = true
      chunks.end()
      release()
      return room()
    },
    discard() {
      discarding = true
      heldBytes = 0
      release()
    },
    fail(readerError, writerError) {
      if (failure !== undefined) return
      failure = writerError
      chunks.fail(readerError)
      for (const writer of writers.splice(0)) writer.reject(writerError)
      finish()
    },
  }
}

interface End {
  readonly stream: ByteStream
  /** The other end has aborted. */
  broken(error: Error): void
}

function createEnd(
  incoming: Direction,
  outgoing: Direction,
  endpoints: { local: SocketEndpoint; remote: SocketEndpoint },
  onAbort: (reason: Error) => void,
): End {
  let failure: Error | undefined
  let ending: Promise<void> | undefined
  let iterated = false
  let left = false
  let isClosed = false
  const closed = Promise.all([incoming.finished, outgoing.finished]).then(() => {
    isClosed = true
    return failure
  })
  const discardIfOver = (): void => {
    if (left && ending !== undefined) incoming.discard()
  }

  const stream: ByteStream = {
    ...endpoints,
    closed,
    write(bytes) {
      if (failure !== undefined) return Promise.reject(failure)
      if (ending !== undefined) return Promise.reject(new IoError('IO_CLOSED', 'the stream was ended'))
      return outgoing.write(bytes)
    },
    end() {
      if (ending === undefined) {
        ending = failure === undefined ? outgoing.end() : Promise.reject(failure)
        ending.catch(() => undefined)
        discardIfOver()
      }
      return ending
    },
    abort(reason) {
      if (isClosed || failure !== undefined) return
      failure = reason ?? new IoError('IO_CLOSED', 'the stream was aborted')
      incoming.chunks.clear()
      onAbort(failure)
    },
    [Symbol.asyncIterator]() {
      if (iterated) throw new TypeError('a stream can be iterated once')
      iterated = true
      return {
        next: () => incoming.chunks.next(),
        return: () => {
          left = true
          discardIfOver()
          incoming.chunks.clear()
          return Promise.resolve({ done: true, value: undefined })
        },
      }
    },
  }
  return {
    stream,
    broken(error) {
      failure ??= error
    },
  }
}

const defaultEndpoints = {
  first: { ip: '127.0.0.1', port: 49152 },
  second: { ip: '127.0.0.1', port: 30303 },
}

/** Two ends of a stream: what one writes the other reads. They behave as TCP does, without a socket. */
export function createStreamPair(
  options: MemoryStreamOptions & { endpoints?: { first: SocketEndpoint; second: SocketEndpoint } } = {},
): StreamPair {
  const { segmentBytes } = options
  if (segmentBytes !== undefined && !(Number.isInteger(segmentBytes) && segmentBytes > 0)) {
    throw new RangeError(`segmentBytes must be a positive integer, got ${segmentBytes}`)
  }
  const { first, second } = options.endpoints ?? defaultEndpoints
  const there = createDirection(options)
  const back = createDirection(options)
  const broken = (): IoError => new IoError('IO_BROKEN', 'the other side has aborted')
  const a: End = createEnd(back, there, { local: first, remote: second }, (reason) => {
    const error = broken()
    b.broken(error)
    there.fail(error, reason)
    back.fail(reason, error)
  })
  const b: End = createEnd(there, back, { local: second, remote: first }, (reason) => {
    const error = broken()
    a.broken(error)
    back.fail(error, reason)
    there.fail(reason, error)
  })
  return { first: a.stream, second: b.stream }
}
