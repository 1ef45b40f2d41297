import { setTimeout as delay } from 'node:timers/promises'

export interface UntilOptions {
  timeoutMs: number
  intervalMs?: number
}

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it. A question that throws is asked
 * again; when the time is up, its error is the cause of the one that is thrown.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeoutMs, intervalMs = 50 }: UntilOptions,
): Promise<T> {
  const end = performance.now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
      cause = undefined
    } catch (error) {
      if (error instanceof StopAsking) throw error
      cause = error
    }
    if (performance.now() >= end) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause })
    await delay(intervalMs)
  }
}

/** Thrown by a question of {@link until} that will never have an answer. */
export class StopAsking extends Error {
  override readonly name = 'StopAsking'
}
