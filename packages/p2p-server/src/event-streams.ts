import { createAsyncQueue, createEvents, type EventSource, type Logger, type Metrics } from '@ethwire/io'
import type { P2pServerEvent, P2pServerEvents } from './server-events.ts'

/** Events that wait for a reader, where it does not say how many. */
const MAX_WAITING = 1024

export interface EventStreamOptions {
  /** Ends the stream, quietly. */
  readonly signal?: AbortSignal
  /** Events that wait for the reader; those beyond are lost, and counted. Default 1024. */
  readonly maxWaiting?: number
}

/** Events as they happen. Ends when the server has closed; leaving the iteration ends it, too. */
export interface P2pServerEventStream extends AsyncIterableIterator<P2pServerEvent, undefined> {
  /** How many events were lost so far because the reader was slow. */
  readonly dropped: number
}

/** Makes a server's events happen. */
export interface ServerEvents extends EventSource<P2pServerEvents> {
  stream(options?: EventStreamOptions): P2pServerEventStream
  /** No more will happen: all streams end after what waits in them. */
  end(): void
}

interface OpenStream {
  push(event: P2pServerEvent): void
  end(): void
}

/** Makes a source of events, for listeners and for readers. */
export function createServerEvents(logger: Logger, metrics: Metrics): ServerEvents {
  const listeners = createEvents<P2pServerEvents>((err) => logger.error({ err }, 'An event listener failed'))
  const lost = metrics.counter('p2p/events/dropped')
  // bounded: by the readers of this process
  const streams = new Set<OpenStream>()
  let isOver = false

  function stream({ signal, maxWaiting = MAX_WAITING }: EventStreamOptions = {}): P2pServerEventStream {
    if (!Number.isInteger(maxWaiting) || maxWaiting < 1)
      throw new RangeError(`maxWaiting must be an integer from 1, got ${maxWaiting}`)
    let dropped = 0
    let untold = 0
    const close = (): void => {
      streams.delete(open)
      signal?.removeEventListener('abort', leave)
    }
    // bounded: maxWaiting events, and two that say what was lost
    const waiting = createAsyncQueue<P2pServerEvent>({ maxItems: maxWaiting + 2, onLeave: close })
    const tell = (): void => {
      if (untold > 0) waiting.push({ type: 'events:dropped', count: untold })
      untold = 0
    }
    const open: OpenStream = {
      push(event) {
        if (waiting.size >= maxWaiting) {
          dropped++
          untold++
          lost.add()
          return
        }
        tell()
        waiting.push(event)
      },
      end() {
        tell()
        waiting.end()
        close()
      },
    }
    const leave = (): void => void waiting.return?.()
    if (isOver || signal?.aborted) {
      waiting.end()
    } else {
      streams.add(open)
      signal?.addEventListener('abort', leave, { once: true })
    }
    const iterator: P2pServerEventStream = {
      get dropped() {
        return dropped
      },
      next: () => waiting.next(),
      return: async () => (await waiting.return?.()) ?? { done: true, value: undefined },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  return {
    on: listeners.on,
    emit(type, event) {
      listeners.emit(type, event)
      if (streams.size === 0) return
      const told = { type, ...event } as P2pServerEvent
      for (const { push } of streams) push(told)
    },
    stream,
    end() {
      isOver = true
      for (const { end } of [...streams]) end()
    },
  }
}
