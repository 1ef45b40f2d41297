import type { Clock, Logger } from '@ethwire/io'

export interface Shutdown {
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal
  /** Asks it from inside. */
  request(reason: string): void
  [Symbol.dispose](): void
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A clean end takes a moment; whoever supervises the process counts on its bound. */
const defaultDeadlineMs = 4_500

/**
 * Turns the first signal into an abort, so that stores are closed; the second ends the process at once. A process that was
 * started by another one over IPC (the nodes of a devnet) ends when that is gone, however it went.
 */
export function createShutdown(clock: Clock, logger: Logger, deadlineMs: number = defaultDeadlineMs): Shutdown {
  const controller = new AbortController()
  const request = (reason: string): void => {
    if (controller.signal.aborted) return
    logger.info({ reason }, 'Stopping (once more to exit at once)')
    controller.abort(new Error(reason))
    clock.setTimer(deadlineMs, () => {
      logger.error({ deadlineMs }, 'Not everything could be closed in time')
      process.exit(1)
    })
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130)
    request(signal)
  }
  const onDisconnect = (): void => request('the parent process is gone')
  for (const signal of signals) process.on(signal, onSignal)
  if (process.connected) process.on('disconnect', onDisconnect)
  return {
    signal: controller.signal,
    request,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal)
      process.off('disconnect', onDisconnect)
    },
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
