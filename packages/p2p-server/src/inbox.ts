import type { Message } from '@ethwire/protocol'

// A protocol that reads slowly may have this much waiting before its peer is no longer read from.
const MAX_MESSAGES = 256
const MAX_BYTES = 4 * 1024 * 1024

/** What waits for one subprotocol of one peer. Reading is by iteration. */
export interface Inbox extends AsyncIterable<Message> {
  /** Takes a message. When the inbox is full, the promise resolves once there is room: the sender must wait for it. */
  push(message: Message): Promise<void> | undefined
  /** No more will come: iteration ends after what waits. Idempotent. */
  close(): void
  /** As `close`, and what waits is forgotten. */
  drop(): void
}

/** Makes an inbox; `onBytes` is told how many bytes wait, whenever that has changed. */
export function createInbox(onBytes: (bytes: number) => void = () => undefined): Inbox {
  const waiting: Message[] = [] // bounded: MAX_MESSAGES and MAX_BYTES, over by at most one message
  let bytes = 0
  let closed = false
  let wakeReader: ((result: IteratorResult<Message, undefined>) => void) | undefined
  let wakeWriter: (() => void) | undefined

  const hasRoom = (): boolean => waiting.length < MAX_MESSAGES && bytes < MAX_BYTES
  const done: IteratorResult<Message, undefined> = { done: true, value: undefined }

  const close = (): void => {
    closed = true
    wakeReader?.(done)
    wakeReader = undefined
    wakeWriter?.()
    wakeWriter = undefined
  }

  const iterator: AsyncIterator<Message, undefined> = {
    next() {
      const message = waiting.shift()
      if (message !== undefined) {
        bytes -= message.payload.length
        onBytes(bytes)
        if (wakeWriter !== undefined && hasRoom()) {
          wakeWriter()
          wakeWriter = undefined
        }
        return Promise.resolve({ done: false, value: message })
      }
      if (closed) return Promise.resolve(done)
      return new Promise((resolve) => {
        wakeReader = resolve
      })
    },
    // Leaving a loop early does not close the inbox: a handshake may read its one message and leave the rest to others.
    return: () => Promise.resolve(done),
  }

  return {
    push(message) {
      if (closed) return undefined
      if (wakeReader !== undefined) {
        const wake = wakeReader
        wakeReader = undefined
        wake({ done: false, value: message })
        return undefined
      }
      waiting.push(message)
      bytes += message.payload.length
      onBytes(bytes)
      if (hasRoom()) return undefined
      return new Promise((resolve) => {
        wakeWriter = resolve
      })
    },
    close,
    drop() {
      close()
      waiting.length = 0
      bytes = 0
    },
    [Symbol.asyncIterator]: () => iterator,
  }
}
