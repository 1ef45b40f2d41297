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
 * Shared by all peers: large messages and floods of small ones that come in from many at once are read piece by piece, each
 * peer a message in its turn, so that they do not keep everything else waiting until all of them are.
 */
export function createTurnstile(clock: Pick<Clock, 'setTimer'>): Turnstile {
  const waiting: (() => void)[] = [] // bounded: one a connection
  let isClosed = false
  let isDue = false
  let passedBytes = 0

  /** Begins a round, and another one as long as somebody waits. */
  const begin = (): void => {
    isDue = false
    isClosed = false
    passedBytes = 0
    letOneIn()
  }
  const beginLater = (): void => {
    if (isDue) return
    isDue = true
    clock.setTimer(0, begin)
  }
  const letOneIn = (): void => {
    const first = waiting.shift()
    // Whatever becomes of that one: who has only a part of a message passes nothing.
    if (waiting.length > 0) beginLater()
    first?.()
  }

  return {
    turn() {
      // Nobody overtakes: who has read a message goes to the end of the queue for the next.
      if (!isClosed && waiting.length === 0) return undefined
      beginLater()
      return new Promise<void>((resolve) => waiting.push(resolve))
    },
    pass(bytes) {
      passedBytes += MESSAGE_BYTES + bytes
      if (passedBytes < ROUND_BYTES) {
        if (!isClosed) letOneIn()
        return
      }
      isClosed = true
      beginLater()
    },
  }
}
