import type { Clock } from '@ethwire/io'

/** What all peers together may have read in one go: some milliseconds of work. */
const ROUND_BYTES = 512 * 1024
/** What any message costs, however small, in bytes of a large one. */
const MESSAGE_BYTES = 2048

/** Who has to wait, when much comes in at once. */
export interface Turnstile {
  /** Undefined while it is open; else resolves when it is one's turn. */
  turn(): Promise<void> | undefined
  /** Counts a message that was read, by its bytes; closes the turnstile until the event loop has been round, when it is enough. */
  pass(bytes: number): void
}

/**
 * Shared by all peers: large messages and floods of small ones that come in from many at once are read piece by piece, in
 * turns, so that they do not keep everything else waiting until all of them are.
 */
export function createTurnstile(clock: Pick<Clock, 'setTimer'>): Turnstile {
  const waiting: (() => void)[] = [] // bounded: one a connection
  let isClosed = false
  let passedBytes = 0

  const open = (): void => {
    isClosed = false
    const first = waiting.shift()
    if (waiting.length > 0) close()
    first?.()
  }
  const close = (): void => {
    if (isClosed) return
    isClosed = true
    passedBytes = 0
    clock.setTimer(0, open)
  }

  return {
    turn: () => (isClosed ? new Promise<void>((resolve) => waiting.push(resolve)) : undefined),
    pass(bytes) {
      passedBytes += MESSAGE_BYTES + bytes
      if (passedBytes >= ROUND_BYTES) close()
    },
  }
}
