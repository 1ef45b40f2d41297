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
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}
