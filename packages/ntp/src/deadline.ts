import { abortable, type Clock } from '@ethwire/io'
import { NtpError } from './errors.ts'

/**
 * Does something for `timeoutMs` at most, whether or not it heeds the signal that it is given.
 *
 * @throws NtpError `NTP_NO_ANSWER` when the time is over; the outer signal's reason when that aborts
 */
export async function withDeadline<T>(
  options: { clock: Clock; timeoutMs: number; what: string; signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, timeoutMs, what, signal } = options
  signal?.throwIfAborted()
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer = clock.setTimer(timeoutMs, () => {
    controller.abort(new NtpError('NTP_NO_ANSWER', `${what}: no answer within ${timeoutMs} ms`))
  })
  try {
    return await abortable(controller.signal, () => work(controller.signal))
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
