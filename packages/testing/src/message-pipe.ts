import { type AsyncQueue, type Clock, createAsyncQueue, IoError } from '@ethwire/io'
import { createVirtualClock } from './virtual-clock.ts'

/** A message of a protocol: its code, without any offset, and its payload, RLP as a rule. */
export interface PipeMessage {
  readonly code: number
  readonly payload: Uint8Array
}

/** Who is at the other end, when a test does not say: a peer with an id and a client name. */
export interface PipePeer {
  readonly id: string
  readonly publicKey: Uint8Array
  readonly clientId: string
  readonly capabilities: readonly { readonly name: string; readonly version: number }[]
  readonly inbound: boolean
  readonly remote: { readonly ip: string; readonly port: number }
}

/** One end of a {@link messagePipe}; it has the shape of a protocol's connection. */
export interface MessagePipeEnd<Peer = PipePeer> {
  /** Who is at the other end. */
  readonly peer: Peer
  /** The protocol's version. */
  readonly version: number
  readonly clock: Clock
  /** Resolves when the other end has room; rejects with `IO_CLOSED` once the pipe is closed. */
  send(code: number, payload: Uint8Array, options?: { signal?: AbortSignal }): Promise<void>
  /** Ends when either end has disconnected, after what was sent before. */
  readonly messages: AsyncIterable<PipeMessage>
  /** Ends the pipe for both; the other end's `disconnected` tells the reason. */
  disconnect(reason?: number): void
  /** As `disconnect` with reason 0. */
  close(): void
  /** Resolves with the reason and who gave it. */
  readonly disconnected: Promise<{ readonly reason: number; readonly by: 'self' | 'other' }>
}

export interface MessagePipeOptions {
  version?: number
  /** For the deadlines of requests; a virtual clock that stands still by default. */
  clock?: Clock
  /** Messages that may wait before `send` does, at least 1; 64 by default. */
  maxWaiting?: number
}

interface Inbox {
  readonly queue: AsyncQueue<PipeMessage>
  send(message: PipeMessage, signal: AbortSignal | undefined): Promise<void>
  close(error: Error): void
}

const createPipePeer = (number: number): PipePeer => ({
  id: number.toString(16).padStart(64, '0'),
  publicKey: new Uint8Array(64).fill(number),
  clientId: `pipe/${number}`,
  capabilities: [],
  inbound: number === 2,
  remote: { ip: '127.0.0.1', port: 30300 + number },
})

/**
 * Two protocols face to face: what one sends the other receives. No server, no framing, no encryption.
 * `peers` is what each end sees as its `peer`.
 *
 * @example
 * import { expectMessage, messagePipe } from '@ethwire/testing'
 *
 * const [left, right] = messagePipe()
 * await left.send(0, Uint8Array.of(0xc0))
 * console.log(await expectMessage(right, 0))
 */
export function messagePipe(options?: MessagePipeOptions): [MessagePipeEnd, MessagePipeEnd]
export function messagePipe<Peer>(
  options: MessagePipeOptions & { peers: readonly [Peer, Peer] },
): [MessagePipeEnd<Peer>, MessagePipeEnd<Peer>]
export function messagePipe(
  options: MessagePipeOptions & { peers?: readonly [unknown, unknown] } = {},
): [MessagePipeEnd<unknown>, MessagePipeEnd<unknown>] {
  const { version = 1, maxWaiting = 64, clock = createVirtualClock() } = options
  const peers = options.peers ?? [createPipePeer(1), createPipePeer(2)]
  let isClosed = false

  const createInbox = (): Inbox => {
    // bounded: one for each send that has not resolved
    const waiting = new Set<{ message: PipeMessage; settle: (error?: Error) => void }>()
    // bounded: maxWaiting
    const queue = createAsyncQueue<PipeMessage>({
      maxItems: maxWaiting,
      onTake: () => {
        for (const sender of waiting) {
          if (!queue.push(sender.message)) break
          sender.settle()
        }
      },
    })
    return {
      queue,
      send(message, signal) {
        if (waiting.size === 0 && queue.push(message)) return Promise.resolve()
        return new Promise((resolve, reject) => {
          const onAbort = (): void => sender.settle(signal?.reason)
          const sender = {
            message,
            settle: (error?: Error) => {
              waiting.delete(sender)
              signal?.removeEventListener('abort', onAbort)
              if (error === undefined) resolve()
              else reject(error)
            },
          }
          waiting.add(sender)
          signal?.addEventListener('abort', onAbort, { once: true })
        })
      },
      close(error) {
        queue.end()
        for (const sender of waiting) sender.settle(error)
      },
    }
  }

  const inboxes = [createInbox(), createInbox()] as const
  const outcomes = [
    Promise.withResolvers<{ reason: number; by: 'self' | 'other' }>(),
    Promise.withResolvers<{ reason: number; by: 'self' | 'other' }>(),
  ] as const
  const closedError = (): IoError => new IoError('IO_CLOSED', 'the pipe is closed')

  const createEnd = (self: 0 | 1, other: 0 | 1): MessagePipeEnd<unknown> => {
    const disconnect = (reason = 0): void => {
      if (isClosed) return
      isClosed = true
      for (const inbox of inboxes) inbox.close(closedError())
      outcomes[self].resolve({ reason, by: 'self' })
      outcomes[other].resolve({ reason, by: 'other' })
    }
    return {
      peer: peers[self],
      version,
      clock,
      async send(code, payload, { signal } = {}) {
        signal?.throwIfAborted()
        if (isClosed) throw closedError()
        await inboxes[other].send({ code, payload: payload.slice() }, signal)
      },
      messages: { [Symbol.asyncIterator]: () => ({ next: () => inboxes[self].queue.next() }) },
      disconnect,
      close: () => disconnect(0),
      disconnected: outcomes[self].promise,
    }
  }
  return [createEnd(0, 1), createEnd(1, 0)]
}
