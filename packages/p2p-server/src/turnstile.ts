import type { Clock } from '@ethwire/io'

/** Lets work pass that takes some milliseconds, one at a time. */
export interface Turnstile {
  /** Undefined while it is open; else resolves when it is one's turn. */
  turn(): Promise<void> | undefined
  /** Closes it until the event loop has been round: called by whoever has done such work. */
  close(): void
}

/**
 * Shared by all peers, so that large messages which come in from many at once do not keep everything else waiting until all
 * of them are read.
 */
export function createTurnstile(clock: Pick<Clock, 'setTimer'>): Turnstile {
  const waiting: (() => void)[] = [] // bounded: one a connection
  let isClosed = false

  const open = (): void => {
    isClosed = false
    const first = waiting.shift()
    if (waiting.length > 0) close()
    first?.()
  }
  const close = (): void => {
    if (isClosed) return
    isClosed = true
    clock.setTimer(0, open)
  }

  return {
    turn: () => (isClosed ? new Promise<void>((resolve) => waiting.push(resolve)) : undefined),
    close,
  }
}
