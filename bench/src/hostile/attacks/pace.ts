import { setTimeout as delay } from 'node:timers/promises'

/** Does work so many times a second, each time without waiting for the last, until the signal aborts. */
export async function atRate(
  perSecond: number,
  signal: AbortSignal,
  work: (index: number) => Promise<void> | void,
): Promise<void> {
  const start = performance.now()
  for (let index = 0; !signal.aborted; index++) {
    void Promise.resolve(work(index)).catch(() => undefined)
    await pause(start + ((index + 1) * 1000) / perSecond - performance.now(), signal)
  }
}

/** Waits; the signal ends it early. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await delay(Math.max(0, durationMs), undefined, { signal }).catch(() => undefined)
}
