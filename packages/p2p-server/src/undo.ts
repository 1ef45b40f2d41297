import type { Clock } from '@ethwire/io'
import { within } from './within.ts'

/** How long all steps may take together: as long as a server's close. */
const UNDO_TIMEOUT_MS = 5_000

/** What was done so far, to be taken back when a later step fails. */
export interface Undo {
  /** `what` is taken back by `step`. */
  push(what: string, step: () => void | Promise<void>): void
  /**
   * Takes all back, the last step first, in 5 s at most: each is waited for as long as half of what is left of them, so that
   * one that hangs leaves time for those after it. What a step throws goes to `onError` with its name, as does that it was not
   * waited for any longer. Never rejects.
   */
  run(clock: Clock, onError: (what: string, error: unknown) => void): Promise<void>
}

export function createUndo(): Undo {
  // bounded: by the steps of one start
  const steps: { readonly what: string; readonly step: () => void | Promise<void> }[] = []
  return {
    push: (what, step) => void steps.push({ what, step }),
    async run(clock, onError) {
      const endMs = clock.monotonicMs() + UNDO_TIMEOUT_MS
      for (const { what, step } of steps.splice(0).reverse()) {
        let hasEnded = false
        async function takeBack(): Promise<void> {
          try {
            await step()
          } catch (error) {
            onError(what, error)
          }
          hasEnded = true
        }
        const patienceMs = Math.ceil((endMs - clock.monotonicMs()) / 2)
        await within(clock, Math.max(0, patienceMs), takeBack())
        if (!hasEnded) onError(what, new Error(`it has not ended after ${patienceMs} ms`))
      }
    },
  }
}
