import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock, Logger } from '@ethwire/io'
import { type WebSocket, WebSocketServer } from 'ws'
import { reasonOf } from '../errors.ts'
import { createRpcConnection } from './connection.ts'
import type { Dispatcher } from './dispatcher.ts'
import { refuseUpgrade } from './http-text.ts'
import { createOriginRule } from './origins.ts'
import type { RpcMemory } from './rpc-memory.ts'
import type { RpcTurns } from './turns.ts'

/** JSON-RPC over WebSockets. */
export interface WebSocketCallsOptions {
  /** Origins of pages that may connect, see `createOriginRule`; whoever is no browser names none. */
  readonly origins: readonly string[]
  readonly dispatcher: Dispatcher
  readonly memory: RpcMemory
  readonly turns: RpcTurns
  readonly clock: Clock
  readonly logger: Logger
}

export interface WebSocketCalls {
  /** Makes a connection of a request to become one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends all. Idempotent. */
  close(): Promise<void>
}

/** As over HTTP and on the socket; geth takes 32 MiB here, for which no method has a use. */
const maxMessageBytes = 5 * 1024 * 1024
/** More are refused. */
const maxConnections = 128
/** As geth's: whoever is silent is asked whether it is there, and is not when it says nothing until the next time. */
const pingIntervalMs = 30_000
/** For the other side's goodbye. */
const closeTimeoutMs = 1_000

/**
 * A text or binary message is a call or a batch. A connection takes its next one when the last one's answer is on its way.
 * Messages are not compressed: a small one could become a large one.
 */
export function createWebSocketCalls(options: WebSocketCallsOptions): WebSocketCalls {
  const { logger } = options
  const isAllowed = createOriginRule(options.origins)
  const server = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false },
    ...{ maxPayload: maxMessageBytes, closeTimeout: closeTimeoutMs },
  })
  // bounded: maxConnections
  const open = new Map<WebSocket, Served>()
  let closing: Promise<void> | undefined
  let isShut = false

  /** Messages cost before they are calls, and what all send at once is read at once. */
  async function readLaterIfSpent(): Promise<void> {
    if (isShut || !options.turns.isSpent()) return
    isShut = true
    for (const socket of open.keys()) socket.pause()
    await options.turns.wait()
    isShut = false
    for (const [socket, { isBusy }] of open) if (!isBusy()) socket.resume()
  }

  async function close(): Promise<void> {
    const gone = [...open.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const [socket, { end }] of open) {
      end()
      // Whoever takes no answers takes no goodbye.
      if (socket.bufferedAmount > 0) socket.terminate()
      else socket.close(goingAway, 'the node is closing')
    }
    await Promise.all(gone)
  }

  return {
    upgrade(request, socket, head) {
      const { origin } = request.headers
      if (request.url?.split('?', 1)[0] !== '/') return refuseUpgrade(socket, 404)
      if (origin !== undefined && !isAllowed(origin)) {
        logger.warn({ origin }, 'Rejected WebSocket connection')
        return refuseUpgrade(socket, 403)
      }
      if (closing !== undefined || open.size >= maxConnections) return refuseUpgrade(socket, 503)
      server.handleUpgrade(request, socket, head, (upgraded) => {
        upgraded.once('close', () => open.delete(upgraded))
        socket.prependListener('data', () => void readLaterIfSpent())
        open.set(
          upgraded,
          serve(upgraded, socket, options, () => isShut),
        )
      })
    },
    close: () => (closing ??= close()),
  }
}

/** RFC 6455, section 7.4.1. */
const goingAway = 1001

/** Of a ping or pong by a client: its head and mask (RFC 6455, section 5.2). */
const controlFrameBytes = 6

/** A connection at work. */
interface Served {
  /** Whether it is not read from, because something is being answered. */
  isBusy(): boolean
  /** Has nothing more answered or told. */
  end(): void
}

function serve(socket: WebSocket, bytes: Duplex, options: WebSocketCallsOptions, isShut: () => boolean): Served {
  const { dispatcher, memory, clock, logger } = options
  const wire = {
    write: (text: string, written: () => void) => socket.send(text, written),
    destroy: () => socket.terminate(),
  }
  const connection = createRpcConnection({ dispatcher, memory, wire, clock, logger })
  // bounded: what one read of the socket holds, for then reading pauses
  const waiting: string[] = []
  let isBusy = false
  // Of messages that are not whole or not answered yet.
  let heldBytes = 0
  let wasHeard = true
  let timer = clock.setTimer(pingIntervalMs, askForLife)

  function askForLife(): void {
    // Who is not read from cannot be heard.
    if (!wasHeard && !isBusy) {
      socket.terminate()
      return
    }
    wasHeard = false
    socket.ping()
    timer = clock.setTimer(pingIntervalMs, askForLife)
  }

  async function answerAll(): Promise<void> {
    isBusy = true
    socket.pause()
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) await connection.receive(text)
    isBusy = false
    hold(-heldBytes)
    wasHeard = true
    if (!isShut()) socket.resume()
  }

  function hold(more: number): void {
    heldBytes = Math.max(0, heldBytes + more)
    connection.holdCalls(heldBytes)
  }

  bytes.on('data', (chunk: Buffer) => hold(chunk.length))
  socket.on('message', (data: Buffer) => {
    wasHeard = true
    waiting.push(data.toString('utf8'))
    if (!isBusy) void answerAll()
  })
  for (const sign of ['ping', 'pong'] as const) {
    socket.on(sign, (data: Buffer) => {
      wasHeard = true
      hold(-controlFrameBytes - data.length)
    })
  }
  socket.on('error', (error) => logger.debug({ err: reasonOf(error) }, 'WebSocket connection failed'))
  socket.once('close', () => {
    timer.cancel()
    connection.close()
  })
  return { isBusy: () => isBusy, end: connection.close }
}
