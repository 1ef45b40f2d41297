import { onAbort } from './on-abort.ts'

/**
 * The outcome of some work, or a rejection with the signal's reason if that aborts first; then the work goes on unheeded.
 *
 * @example
 * import { abortable } from '@ethwire/io'
 *
 * const controller = new AbortController()
 * const waiting = abortable(controller.signal, () => new Promise<string>(() => undefined))
 * controller.abort(new Error('enough'))
 * console.log(await waiting.catch((error: Error) => error.message)) // enough
 */
export async function abortable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return await work()
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  // Nobody waits for it where work throws before it can be waited for.
  aborted.promise.catch(() => undefined)
  const forget = onAbort(signal, () => aborted.reject(signal.reason))
  try {
    return await Promise.race([work(), aborted.promise])
  } finally {
    forget()
  }
}
