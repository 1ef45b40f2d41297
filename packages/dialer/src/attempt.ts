import { type Clock, onAbort } from '@ethwire/io'

/** Longer than connecting and shaking hands may take by their own deadlines: who forgets to settle loses its place. */
const MAX_ATTEMPT_MS = 60_000

export interface AttemptOptions {
  readonly clock: Clock
  /** Gives it up. */
  readonly signal: AbortSignal
  /** Told what the work throws. */
  readonly onError: (error: unknown) => void
}

/**
 * Does work that must not last: settles with its result or, when it throws, is given up, or takes a minute, with `otherwise`;
 * then the signal that it was handed aborts. Never rejects.
 */
export function attempt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  otherwise: T,
  { clock, signal, onError }: AttemptOptions,
): Promise<T> {
  return new Promise((resolve) => {
    const stop = new AbortController()
    const finish = (result: T): void => {
      timer.cancel()
      forget?.()
      resolve(result)
    }
    const giveUp = (): void => {
      finish(otherwise)
      stop.abort(signal.reason)
    }
    let forget: (() => void) | undefined
    const timer = clock.setTimer(MAX_ATTEMPT_MS, giveUp)
    if (signal.aborted) return giveUp()
    forget = onAbort(signal, giveUp)
    const failed = (error: unknown): void => {
      if (!stop.signal.aborted) onError(error)
      finish(otherwise)
    }
    try {
      work(stop.signal).then(finish, failed)
    } catch (error) {
      failed(error)
    }
  })
}
