/** What was done so far, to be taken back when a later step fails. */
export interface Undo {
  push(step: () => void | Promise<void>): void
  /** Takes all back, the last step first. What a step throws goes to `onError`. */
  run(onError: (error: unknown) => void): Promise<void>
}

export function createUndo(): Undo {
  // bounded: by the steps of one start
  const steps: (() => void | Promise<void>)[] = []
  return {
    push: (step) => void steps.push(step),
    async run(onError) {
      for (const step of steps.splice(0).reverse()) {
        try {
          await step()
        } catch (error) {
          onError(error)
        }
      }
    },
  }
}
