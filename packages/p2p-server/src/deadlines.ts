import type { Clock } from '@ethwire/io'

const READ_TIMEOUT_MS = 30_000
const WRITE_TIMEOUT_MS = 20_000
const CHECK_MS = 1_000

/** How long a peer may take to send a whole message, and to take what it is sent. */
export interface Deadlines {
  /** A message is awaited from now on; bytes that drip in do not put its deadline off. */
  reading(): void
  /** It is there. */
  read(): void
  /** What this side waits for by itself does not count: the time until the function is called is given back. */
  pauseReading(): () => void
  writing(): void
  written(): void
  /** Idempotent. */
  close(): void
}

/** One timer a connection looks after both deadlines: setting one for each read and write would cost more than either. */
export function createDeadlines(
  clock: Pick<Clock, 'monotonicMs' | 'setTimer'>,
  onLate: (rule: 'read-deadline' | 'write-deadline') => void,
): Deadlines {
  let readingSinceMs: number | undefined
  let writingSinceMs: number | undefined
  let dueMs = clock.monotonicMs() + CHECK_MS
  let timer = clock.setTimer(CHECK_MS, check)

  function check(): void {
    const now = clock.monotonicMs()
    // When this process was stopped or busy, what came meanwhile is still unread: our silence is not the peer's.
    const lateMs = now - dueMs
    if (lateMs >= CHECK_MS) {
      if (readingSinceMs !== undefined) readingSinceMs += lateMs
      if (writingSinceMs !== undefined) writingSinceMs += lateMs
    }
    dueMs = now + CHECK_MS
    timer = clock.setTimer(CHECK_MS, check)
    if (readingSinceMs !== undefined && now - readingSinceMs >= READ_TIMEOUT_MS) onLate('read-deadline')
    else if (writingSinceMs !== undefined && now - writingSinceMs >= WRITE_TIMEOUT_MS) onLate('write-deadline')
  }

  return {
    reading() {
      readingSinceMs = clock.monotonicMs()
    },
    read() {
      readingSinceMs = undefined
    },
    pauseReading() {
      const spentMs = readingSinceMs === undefined ? 0 : clock.monotonicMs() - readingSinceMs
      readingSinceMs = undefined
      return () => {
        readingSinceMs = clock.monotonicMs() - spentMs
      }
    },
    writing() {
      writingSinceMs = clock.monotonicMs()
    },
    written() {
      writingSinceMs = undefined
    },
    close: () => timer.cancel(),
  }
}
