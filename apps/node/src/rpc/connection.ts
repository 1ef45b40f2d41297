import type { Clock, Logger } from '@ethwire/io'
import type { Dispatcher } from './dispatcher.ts'
import type { RpcMemory } from './rpc-memory.ts'

/** The other side's end of a connection, as bytes go there. */
interface RpcWire {
  /** Sends a message; `written` is called when the system has taken it, or never will. */
  write(text: string, written: () => void): void
  /** Ends the connection at once. */
  destroy(): void
}

/** JSON-RPC on a connection that stays: calls and their answers, and what was subscribed to. */
export interface RpcConnection {
  /** Answers a message; resolves when the next one may be read. Never rejects. */
  receive(text: string): Promise<void>
  /** Says how many bytes have come that are not answered yet. */
  holdCalls(bytes: number): void
  /** Sends a message; resolves when the next one may be sent. Never rejects. */
  send(text: string): Promise<void>
  /** Ends its subscriptions. Idempotent. */
  close(): void
}

export interface RpcConnectionOptions {
  readonly dispatcher: Dispatcher
  readonly memory: RpcMemory
  readonly wire: RpcWire
  readonly clock: Clock
  readonly logger: Logger
}

/** As geth's for an answer that nobody takes. */
const writeTimeoutMs = 10_000
/** Notifications that the other side has not taken: some thousands. */
const maxWaitingBytes = 1024 * 1024

/**
 * Whoever takes no answers is not read from, and is gone after 10 s; whoever takes no notifications is gone when 1 MiB of
 * them is waiting. So nobody misses one without learning of it.
 */
export function createRpcConnection(options: RpcConnectionOptions): RpcConnection {
  const { dispatcher, memory, wire, clock, logger } = options
  let waitingBytes = 0
  let isOver = false

  const session = dispatcher.open({
    notify(text) {
      if (isOver) return
      waitingBytes += text.length
      if (waitingBytes > maxWaitingBytes) return overflow()
      wire.write(text, () => {
        waitingBytes -= text.length
      })
    },
    overflow,
  })

  const share = memory.share(end)

  function overflow(): void {
    logger.warn({ waitingBytes }, 'A subscriber does not keep up, and is disconnected')
    end()
  }

  function end(): void {
    close()
    wire.destroy()
  }

  function close(): void {
    isOver = true
    session.close()
    share.close()
  }

  function send(text: string): Promise<void> {
    if (isOver) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = clock.setTimer(writeTimeoutMs, () => {
        logger.debug({ timeoutMs: writeTimeoutMs }, 'An answer is not taken')
        end()
      })
      wire.write(text, () => {
        timer.cancel()
        resolve()
      })
    })
  }

  return {
    async receive(text) {
      if (isOver) return
      const answer = await session.answer(text, (bytes) => share.hold('answers', bytes))
      const sent = answer.text === '' ? undefined : send(answer.text)
      session.answered()
      await sent
      share.hold('answers', 0)
    },
    holdCalls: (bytes) => void share.hold('calls', bytes),
    send,
    close,
  }
}
