import { createServer, type Socket } from 'node:net'
import type { Clock, Logger } from '@ethwire/io'
import { createJSONRPCErrorResponse, JSONRPCErrorException } from 'json-rpc-2.0'
import { reasonOf } from '../errors.ts'
import { createRpcConnection, type RpcConnection } from './connection.ts'
import type { Dispatcher } from './dispatcher.ts'
import { listenPrivately } from './ipc-socket.ts'
import { createJsonSplitter } from './json-splitter.ts'
import type { RpcMemory } from './rpc-memory.ts'

export interface IpcServerOptions {
  readonly path: string
  readonly dispatcher: Dispatcher
  readonly memory: RpcMemory
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
/** More are closed as they come. */
const maxConnections = 64

/**
 * JSON-RPC over a Unix socket of mode 0600, as geth's IPC: JSON texts one after the other, answers in the order of the
 * calls, a line each. A connection takes its next call when the last one's answer is on its way.
 * @throws NodeError `NODE_LISTEN`
 */
export async function createIpcServer(options: IpcServerOptions): Promise<IpcServer> {
  const { path, dispatcher, memory, clock, logger } = options
  // bounded: maxConnections
  const open = new Set<Socket>()
  // Whoever has said all and closed that direction still wants the answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const wire = {
      write: (text: string, written: () => void) => void socket.write(`${text}\n`, written),
      destroy: () => void socket.destroy(),
    }
    const connection = createRpcConnection({ dispatcher, memory, wire, clock, logger })
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      connection.close()
    })
    socket.on('error', (error) => logger.debug({ err: reasonOf(error) }, 'IPC connection failed'))
    serve(socket, connection).catch((error: unknown) => {
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

async function serve(socket: Socket, connection: RpcConnection): Promise<void> {
  const splitter = createJsonSplitter(maxMessageBytes)
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      connection.holdCalls(splitter.waitingBytes + chunk.length)
      for (const text of splitter.push(chunk)) await connection.receive(text)
      connection.holdCalls(splitter.waitingBytes)
    }
  } catch (error) {
    if (!(error instanceof JSONRPCErrorException)) throw error
    // Where the next message begins is not known: this connection ends.
    await connection.send(JSON.stringify(createJSONRPCErrorResponse(null, error.code, error.message)))
  }
  socket.end(() => socket.destroy())
}
