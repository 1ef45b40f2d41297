import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Logger } from '@ethwire/io'
import { nodeClock } from '@ethwire/io/node'
import { createSeededRandom } from '@ethwire/testing'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createDispatcher, type Dispatcher } from '../src/rpc/dispatcher.ts'
import type { RpcNamespace } from '../src/rpc/methods.ts'
import type { RpcSubscriptions } from '../src/rpc/subscriptions.ts'
import { createRpcTurns, type RpcTurns } from '../src/rpc/turns.ts'
import { keepingLogger } from './support.ts'

interface DispatcherParts {
  readonly subscriptions?: RpcSubscriptions
  readonly logger?: Logger
  readonly turns?: RpcTurns
}

export function dispatcherOf(
  namespaces: Readonly<Record<string, RpcNamespace>>,
  { subscriptions = {}, logger = keepingLogger(), turns = createRpcTurns({ clock: nodeClock }) }: DispatcherParts = {},
): Dispatcher {
  return createDispatcher({ namespaces, subscriptions, random: createSeededRandom(1), turns, logger })
}

/** A connection over which a test says what it likes; `ended` resolves with what came. */
export async function connectTo(port: number): Promise<{ readonly socket: Socket; readonly ended: Promise<string> }> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  let text = ''
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.once('end', () => socket.end())
  return { socket, ended: new Promise((resolve) => socket.once('close', () => resolve(text))) }
}

/** A client of JSON-RPC over a WebSocket. */
export interface WebSocketClient {
  readonly socket: WebSocket
  /** The next message. Rejects when the connection ends before. */
  message(): Promise<unknown>
  /** Sends a call and takes the next message. */
  call(method: string, params?: readonly unknown[]): Promise<unknown>
  /** Resolves with the code of how it ended. */
  readonly closed: Promise<number>
}

/** Ends with the test. */
export async function openWebSocket(url: string, origin?: string): Promise<WebSocketClient> {
  const socket = new WebSocket(url, { ...(origin !== undefined && { origin }), autoPong: false })
  onTestFinished(() => socket.terminate())
  // bounded: what a test is told
  const messages: string[] = []
  let wake = (): void => undefined
  socket.on('message', (data: Buffer) => {
    messages.push(data.toString('utf8'))
    wake()
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  closed.then(() => wake())
  await once(socket, 'open')
  socket.on('error', () => undefined)
  const message = async (): Promise<unknown> => {
    while (messages.length === 0) {
      if (socket.readyState === WebSocket.CLOSED) throw new Error('the connection has ended')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return JSON.parse(messages.shift() as string)
  }
  return {
    socket,
    message,
    call(method, params = []) {
      socket.send(callText(method, params))
      return message()
    },
    closed,
  }
}

export function callText(method: string, params: readonly unknown[] = [], id: number = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

/** The status of the answer to a request to become a WebSocket. */
export async function upgradeStatus(url: string, origin?: string, host?: string): Promise<number> {
  const headers = host === undefined ? {} : { host }
  const socket = new WebSocket(url, origin === undefined ? { headers } : { origin, headers })
  socket.on('error', () => undefined)
  onTestFinished(() => socket.terminate())
  return await new Promise((resolve) => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, { statusCode = 0 }) => {
      socket.terminate()
      resolve(statusCode)
    })
  })
}

export const rpcResult = (result: unknown, id: unknown = 1): object => ({ jsonrpc: '2.0', id, result })
export const rpcFailure = (code: number, message: unknown, id: unknown = 1): object => ({
  ...{ jsonrpc: '2.0', id },
  error: { code, message },
})
