import { type AddressInfo, createServer } from 'node:net'
import { createAsyncQueue } from '../queue.ts'
import type { ByteStream, Listen } from '../stream.ts'
import { checkEndpoint, showEndpoint, toEndpoint } from './endpoint.ts'
import { toIoError } from './error-codes.ts'
import { createSocketStream } from './socket-stream.ts'

/** Connections that wait to be taken from the iteration; those beyond are reset. */
const maxWaiting = 128

/** Listens for TCP connections. `::` takes IPv4 as well, whose addresses then appear as IPv4. */
export const listenTcp: Listen = async (endpoint) => {
  checkEndpoint(endpoint)
  // bounded: maxWaiting
  const waiting = createAsyncQueue<ByteStream>({ maxItems: maxWaiting })
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    // The other side can be gone before it is looked at; then the socket has no address.
    socket.on('error', () => undefined)
    if (socket.remoteAddress === undefined) {
      socket.destroy()
      return
    }
    const stream = createSocketStream(socket)
    if (!waiting.push(stream)) stream.abort()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(toIoError(error, `cannot listen on ${showEndpoint(endpoint)}`)))
    server.listen({ host: endpoint.ip, port: endpoint.port, exclusive: true }, resolve)
  })
  // Failing to accept one connection (no more file descriptors, say) passes; the listener goes on.
  server.on('error', () => undefined)
  const { address, port } = server.address() as AddressInfo

  let isClosed = false
  return {
    local: toEndpoint(address, port),
    close() {
      if (!isClosed) {
        isClosed = true
        // The port is free when close() returns; its callback would wait for the accepted streams, which live on.
        server.close()
        waiting.end()
        for (const stream of waiting.clear()) stream.abort()
      }
      return Promise.resolve()
    },
    // Leaving the iteration must not end the queue: another loop may go on accepting.
    [Symbol.asyncIterator]: () => ({ next: () => waiting.next() }),
  }
}
