/** So many may be inside at once. */
export interface Semaphore {
  /** Resolves when there is room: in the order of coming, but before all others for who is in a `hurry`. */
  enter(hurry?: 'hurry'): Promise<void>
  leave(): void
  /** From now on there is room for so many. Nobody is put out. */
  resize(room: number): void
}

export function createSemaphore(room: number): Semaphore {
  let size = room
  let inside = 0
  // Both bounded: by those who use it, each of whom waits for its own turn.
  const waiting: (() => void)[] = []
  const hurried: (() => void)[] = []
  function admit(): void {
    while (inside < size) {
      const next = hurried.shift() ?? waiting.shift()
      if (next === undefined) return
      inside += 1
      next()
    }
  }
  return {
    enter: (hurry) =>
      new Promise<void>((resolve) => {
        const queue = hurry === undefined ? waiting : hurried
        queue.push(resolve)
        admit()
      }),
    leave() {
      inside -= 1
      admit()
    },
    resize(to) {
      size = to
      admit()
    },
  }
}
