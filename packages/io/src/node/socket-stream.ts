import type { Socket } from 'node:net'
import { IoError } from '../errors.ts'
import { createAsyncQueue } from '../queue.ts'
import type { ByteStream } from '../stream.ts'
import { toEndpoint } from './endpoint.ts'
import { toIoError } from './error-codes.ts'

/** Reading pauses when so many bytes wait. The socket itself may then hold 64 KiB more. */
const maxQueuedBytes = 256 * 1024

/**
 * A {@link ByteStream} over a connected socket that was made with `allowHalfOpen` and is paused.
 * Nothing is read before the first read is asked for, so `closed` waits for a reader, or for one who has left and ended.
 */
export function createSocketStream(socket: Socket): ByteStream {
  const remote = toEndpoint(socket.remoteAddress ?? '', socket.remotePort ?? 0)
  const local = toEndpoint(socket.localAddress ?? '', socket.localPort ?? 0)

  let failure: Error | undefined
  let queuedBytes = 0
  let iterated = false
  let reading = false
  let left = false
  let ending: Promise<void> | undefined

  // bounded: maxQueuedBytes and what the socket emits before it is paused, 64 KiB; no chunk is empty
  const chunks = createAsyncQueue<Uint8Array>({
    maxItems: Number.POSITIVE_INFINITY,
    onTake: (chunk) => {
      const before = queuedBytes
      queuedBytes -= chunk.length
      if (before >= maxQueuedBytes && queuedBytes < maxQueuedBytes) socket.resume()
    },
    onLeave: () => {
      left = true
      queuedBytes = 0
      socket.pause()
      discardIfOver()
    },
  })

  // What is still to come has no reader, but the socket closes only when it has seen the other side's end.
  const discardIfOver = (): void => {
    if (left && ending !== undefined) socket.resume()
  }

  const startReading = (): void => {
    reading = true
    socket.on('data', (data: Buffer) => {
      if (left) return
      queuedBytes += data.length
      // A plain Uint8Array: Buffer's slice() shares memory where Uint8Array's copies.
      chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.length))
      if (queuedBytes >= maxQueuedBytes) socket.pause()
    })
    socket.on('end', () => chunks.end())
    socket.resume()
  }

  const closed = new Promise<Error | undefined>((resolve) => {
    socket.on('error', (error) => {
      failure ??= toIoError(error, 'the connection broke')
      chunks.fail(failure)
    })
    socket.on('close', () => {
      // A socket that is destroyed without an error says neither 'end' nor 'error'.
      if (!socket.readableEnded) failure ??= new IoError('IO_BROKEN', 'the connection was closed')
      if (failure === undefined) chunks.end()
      else chunks.fail(failure)
      resolve(failure)
    })
  })

  const afterEnd = (): IoError => new IoError('IO_CLOSED', 'the stream was ended')

  return {
    remote,
    local,
    closed,
    write(bytes) {
      if (failure !== undefined) return Promise.reject(failure)
      if (ending !== undefined) return Promise.reject(afterEnd())
      if (bytes.length === 0) return Promise.resolve()
      // The callback comes when the system has taken the bytes: that is the backpressure, and the array is free again.
      return new Promise((resolve, reject) => {
        socket.write(bytes, (error) => {
          if (error) reject(failure ?? toIoError(error, 'cannot write'))
          else resolve()
        })
      })
    },
    end() {
      ending ??= new Promise<void>((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure)
          return
        }
        // The callback of end() is not called in every way a socket can die, but 'close' always is.
        socket.once('finish', resolve)
        socket.once('close', () => {
          if (socket.writableFinished) resolve()
          else reject(failure ?? new IoError('IO_BROKEN', 'the connection was closed'))
        })
        socket.end()
      })
      ending.catch(() => undefined)
      discardIfOver()
      return ending
    },
    abort(reason) {
      if (socket.destroyed) return
      failure ??= reason ?? new IoError('IO_CLOSED', 'the stream was aborted')
      chunks.clear()
      chunks.fail(failure)
      // A reset, not a quiet end: the other side must not take half a stream for a whole one.
      socket.resetAndDestroy()
    },
    [Symbol.asyncIterator]() {
      if (iterated) throw new TypeError('a stream can be iterated once')
      iterated = true
      return {
        next() {
          if (!reading) startReading()
          return chunks.next()
        },
        return: () => chunks.return?.() ?? Promise.resolve({ done: true, value: undefined }),
      }
    },
  }
}
