import type { Clock } from '@ethwire/io'
import { within } from './within.ts'

/** How long each step may take: as long as discovery has when a server closes. */
const STEP_TIMEOUT_MS = 3_000

/** What was done so far, to be taken back when a later step fails. */
export interface Undo {
  push(step: () => void | Promise<void>): void
  /**
   * Takes all back, the last step first. What a step throws goes to `onError`, as does that it has not ended after 3 s:
   * then the next one's turn comes. Never rejects.
   */
  run(clock: Clock, onError: (error: unknown) => void): Promise<void>
}

export function createUndo(): Undo {
  // bounded: by the steps of one start
  const steps: (() => void | Promise<void>)[] = []
  return {
    push: (step) => void steps.push(step),
    async run(clock, onError) {
      for (const step of steps.splice(0).reverse()) {
        let hasEnded = false
        async function takeBack(): Promise<void> {
          try {
            await step()
          } catch (error) {
            onError(error)
          }
          hasEnded = true
        }
        await within(clock, STEP_TIMEOUT_MS, takeBack())
        if (!hasEnded) onError(new Error(`it has not ended after ${STEP_TIMEOUT_MS} ms`))
      }
    },
  }
}
