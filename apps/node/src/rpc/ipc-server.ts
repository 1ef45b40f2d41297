import { createServer, type Socket } from 'node:net'
import type { Clock, Logger } from '@ethwire/io'
import { createJSONRPCErrorResponse, JSONRPCErrorException } from 'json-rpc-2.0'
import { reasonOf } from '../errors.ts'
import type { Dispatcher } from './dispatcher.ts'
import { listenPrivately } from './ipc-socket.ts'
import { createJsonSplitter } from './json-splitter.ts'

export interface IpcServerOptions {
  readonly path: string
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly logger: Logger
}

export interface IpcServer {
  readonly path: string
  /** Ends open connections and removes the socket. Idempotent. */
  close(): Promise<void>
}

/** As over HTTP. */
const maxMessageBytes = 5 * 1024 * 1024
/** As geth's for an answer that nobody takes. */
const writeTimeoutMs = 10_000
/** More are closed as they come. */
const maxConnections = 64

/**
 * JSON-RPC over a Unix socket of mode 0600, as geth's IPC: JSON texts one after the other, answers in the order of the
 * calls, a line each. A connection takes its next call when the last one's answer is on its way.
 * @throws NodeError `NODE_LISTEN`
 */
export async function createIpcServer({ path, dispatcher, clock, logger }: IpcServerOptions): Promise<IpcServer> {
  // bounded: maxConnections
  const open = new Set<Socket>()
  // Whoever has said all and closed that direction still wants the answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', (error) => logger.debug({ err: reasonOf(error) }, 'IPC connection failed'))
    serve(socket, dispatcher, clock).catch((error: unknown) => {
      logger.debug({ err: reasonOf(error) }, 'IPC connection failed')
      socket.destroy()
    })
  })
  server.maxConnections = maxConnections
  const remove = await listenPrivately(server, path)
  server.on('error', (error) => logger.warn({ err: reasonOf(error) }, 'IPC server'))
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await remove()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  }
  return { path, close: () => (closing ??= close()) }
}

async function serve(socket: Socket, dispatcher: Dispatcher, clock: Clock): Promise<void> {
  const splitter = createJsonSplitter(maxMessageBytes)
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (const text of splitter.push(chunk)) {
        const answer = await dispatcher.answer(text)
        if (answer.text !== '') await send(socket, answer.text, clock)
      }
    }
  } catch (error) {
    if (!(error instanceof JSONRPCErrorException)) throw error
    // Where the next message begins is not known: this connection ends.
    await send(socket, JSON.stringify(createJSONRPCErrorResponse(null, error.code, error.message)), clock)
  }
  socket.end(() => socket.destroy())
}

/** Resolves when the next answer may be written. */
function send(socket: Socket, text: string, clock: Clock): Promise<void> {
  if (socket.destroyed || socket.write(`${text}\n`)) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = clock.setTimer(writeTimeoutMs, () => socket.destroy())
    const done = (): void => {
      timer.cancel()
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
}
