/**
 * Calls back once when a signal aborts that has not yet; returns what takes that back. A signal of long life remembers
 * listeners that were removed, one through the other, until a full garbage collection: this one is then empty, so that
 * what the callback knows of is free at once.
 *
 * @example
 * import { onAbort } from '@ethwire/io'
 *
 * const controller = new AbortController()
 * const forget = onAbort(controller.signal, () => console.log('never called'))
 * forget()
 * controller.abort()
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let wanted: (() => void) | undefined = callback
  const listener = (): void => wanted?.()
  signal.addEventListener('abort', listener, { once: true })
  return () => {
    wanted = undefined
    signal.removeEventListener('abort', listener)
  }
}
