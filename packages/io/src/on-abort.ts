/**
 * Calls `callback` once, when the signal aborts; never if it has aborted already: ask `signal.aborted` first. Returns what
 * takes the callback back. A signal of long life may remember removed listeners, one through the other, until a full
 * garbage collection: ours is empty by then, so that nothing the callback knows of is kept by it.
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
