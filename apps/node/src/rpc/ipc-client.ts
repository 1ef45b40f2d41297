import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Clock } from '@ethwire/io'
import { codeOf, NodeError, reasonOf } from '../errors.ts'
import { createJsonSplitter } from './json-splitter.ts'

/** Calls a method of the node that listens on a socket. */
export type IpcCall = (method: string, params: readonly unknown[]) => Promise<unknown>

export interface IpcClient {
  /** One call at a time. @throws NodeError `NODE_IPC` */
  readonly call: IpcCall
  [Symbol.dispose](): void
}

const timeoutMs = 10_000
/** More than the longest answer of a node with thousands of peers. */
const maxAnswerBytes = 32 * 1024 * 1024

/** @throws NodeError `NODE_IPC` if no node listens there */
export async function connectIpc(path: string, clock: Clock): Promise<IpcClient> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
  } catch (error) {
    socket.destroy()
    throw connectError(path, error)
  }
  // Reading tells of it.
  socket.on('error', () => undefined)
  let id = 0
  return {
    async call(method, params) {
      id += 1
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
      let late = false
      const timer = clock.setTimer(timeoutMs, () => {
        late = true
        socket.destroy()
      })
      try {
        return resultOf(method, await nextText(socket))
      } catch (error) {
        const problem = late ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error)
        throw error instanceof NodeError ? error : new NodeError('NODE_IPC', `${path}: ${problem}`, { cause: error })
      } finally {
        timer.cancel()
      }
    },
    [Symbol.dispose]: () => socket.destroy(),
  }
}

function connectError(path: string, error: unknown): NodeError {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new NodeError(
        'NODE_IPC',
        `no node listens on ${path}; start one with "ethwire run", or name its --datadir or --ipcpath`,
        { cause: error },
      )
    case 'EACCES':
      return new NodeError('NODE_IPC', `${path} is closed to you; be the user that runs the node`, { cause: error })
    default:
      return new NodeError('NODE_IPC', `cannot connect to ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

async function nextText(socket: Socket): Promise<string> {
  const splitter = createJsonSplitter(maxAnswerBytes)
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    for (const text of splitter.push(chunk)) return text
  }
  throw new Error('the node closed the connection')
}

function resultOf(method: string, text: string): unknown {
  const reply = JSON.parse(text) as { readonly result?: unknown; readonly error?: { readonly message?: unknown } }
  if (reply.error !== undefined)
    throw new NodeError('NODE_IPC', `${method}: ${String(reply.error.message).slice(0, 500)}`)
  if (reply.result === undefined) throw new Error('an answer without a result')
  return reply.result
}
