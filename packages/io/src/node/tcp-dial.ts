import { connect } from 'node:net'
import type { Dial } from '../stream.ts'
import { checkEndpoint, showEndpoint } from './endpoint.ts'
import { toIoError } from './error-codes.ts'
import { createSocketStream } from './socket-stream.ts'

/** Opens a TCP connection to an address. There is no deadline but the signal's and the system's. */
export const dialTcp: Dial = async (endpoint, options = {}) => {
  const { signal } = options
  checkEndpoint(endpoint)
  signal?.throwIfAborted()
  const socket = connect({ host: endpoint.ip, port: endpoint.port, allowHalfOpen: true, noDelay: true })
  socket.pause()
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      socket.destroy()
      reject(signal?.reason)
    }
    // Stays: a socket that was destroyed may still report an error, which nobody waits for.
    socket.on('error', (error) => {
      signal?.removeEventListener('abort', onAbort)
      reject(toIoError(error, `cannot connect to ${showEndpoint(endpoint)}`))
    })
    socket.once('connect', () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
  return createSocketStream(socket)
}
