/** When something is due, and which of two due at the same time was set first. */
export interface Due {
  readonly dueMs: number
  readonly order: number
}

const before = (a: Due, b: Due): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)

/** A binary heap: what is due next comes out first. */
export interface TimerHeap<T extends Due> {
  readonly first: T | undefined
  push(timer: T): void
  removeFirst(): void
}

export function createTimerHeap<T extends Due>(): TimerHeap<T> {
  // bounded: the timers that the code under test has running, and the cancelled ones whose time has not come
  const heap: T[] = []
  return {
    get first() {
      return heap[0]
    },
    push(timer) {
      let index = heap.push(timer) - 1
      while (index > 0) {
        const parent = (index - 1) >> 1
        const other = heap[parent] as T
        if (!before(timer, other)) break
        heap[index] = other
        index = parent
      }
      heap[index] = timer
    },
    removeFirst() {
      const last = heap.pop()
      if (last === undefined || heap.length === 0) return
      let index = 0
      for (;;) {
        let child = index * 2 + 1
        const right = heap[child + 1]
        if (right !== undefined && before(right, heap[child] as T)) child++
        const other = heap[child]
        if (other === undefined || !before(other, last)) break
        heap[index] = other
        index = child
      }
      heap[index] = last
    },
  }
}
