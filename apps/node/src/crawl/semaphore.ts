/** So many may be inside at once. */
export interface Semaphore {
  /** Resolves when there is room: in the order of coming, but before all others for who is in a `hurry`. */
  enter(hurry?: 'hurry'): Promise<void>
  leave(): void
}

export function createSemaphore(room: number): Semaphore {
  let free = room
  // Both bounded: by those who use it, each of whom waits for its own turn.
  const waiting: (() => void)[] = []
  const hurried: (() => void)[] = []
  return {
    async enter(hurry) {
      if (free > 0) {
        free -= 1
        return
      }
      const queue = hurry === undefined ? waiting : hurried
      await new Promise<void>((resolve) => queue.push(resolve))
    },
    leave() {
      const next = hurried.shift() ?? waiting.shift()
      if (next === undefined) free += 1
      else next()
    },
  }
}
