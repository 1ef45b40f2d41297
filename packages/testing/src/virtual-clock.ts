import type { Clock, Timer } from '@ethwire/io'

export interface VirtualClockOptions {
  /** Unix time in milliseconds at the start. */
  startMs?: number
}

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** How many timers are running. */
  readonly timers: number
  /** Moves time on, running each timer that falls due at its own time, in order; what a timer sets off settles first. */
  advance(ms: number): Promise<void>
  /** Runs timers until none is left; throws when that takes longer than `maxMs` of virtual time (a day by default). */
  runUntilIdle(options?: { maxMs?: number }): Promise<void>
  /** Runs timers until `work` has settled, with its outcome; throws when nothing is left that could settle it. */
  runUntil<T>(work: Promise<T>, options?: { maxMs?: number }): Promise<T>
  /** Lets everything run that waits for no timer. */
  settle(): Promise<void>
  /** Sets the wall clock alone, as a time server does; timers do not notice. */
  stepWallClock(ms: number): void
}

interface Pending {
  dueMs: number
  order: number
  callback: () => void
}

const dayMs = 24 * 60 * 60 * 1000

/** One turn of the event loop: promises, however long their chains, have run by then. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/**
 * Makes a clock for tests. Work that waits for real sockets or threads is not seen by `settle`.
 *
 * @example
 * import { createVirtualClock } from '@ethwire/testing'
 *
 * const clock = createVirtualClock()
 * clock.setTimer(30_000, () => console.log('half a minute later, at once'))
 * await clock.advance(30_000)
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  let wallOffsetMs = options.startMs ?? 1_700_000_000_000
  let elapsedMs = 0
  let order = 0
  // A binary heap by due time, then by the order of setting. bounded: the timers that the code under test has running
  const heap: Pending[] = []
  const live = new Set<Pending>()

  const before = (a: Pending, b: Pending): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)

  const add = (timer: Pending): void => {
    let index = heap.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const other = heap[parent] as Pending
      if (!before(timer, other)) break
      heap[index] = other
      index = parent
    }
    heap[index] = timer
  }

  const removeFirst = (): void => {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      const right = heap[child + 1]
      if (right !== undefined && before(right, heap[child] as Pending)) child++
      const other = heap[child]
      if (other === undefined || !before(other, last)) break
      heap[index] = other
      index = child
    }
    heap[index] = last
  }

  const next = (): Pending | undefined => {
    while (heap[0] !== undefined && !live.has(heap[0])) removeFirst()
    return heap[0]
  }

  const runNext = async (timer: Pending): Promise<void> => {
    removeFirst()
    live.delete(timer)
    elapsedMs = Math.max(elapsedMs, timer.dueMs)
    timer.callback()
    await nextTurn()
  }

  return {
    now: () => wallOffsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    setTimer(delayMs, callback): Timer {
      if (Number.isNaN(delayMs)) throw new RangeError('delayMs is not a number')
      const timer: Pending = { dueMs: elapsedMs + Math.max(0, delayMs), order: order++, callback }
      live.add(timer)
      add(timer)
      return { cancel: () => void live.delete(timer) }
    },
    get timers() {
      return live.size
    },
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`time cannot be moved by ${ms} ms`)
      const endMs = elapsedMs + ms
      await nextTurn()
      for (let timer = next(); timer !== undefined && timer.dueMs <= endMs; timer = next()) await runNext(timer)
      elapsedMs = Math.max(elapsedMs, endMs)
    },
    async runUntilIdle({ maxMs = dayMs } = {}) {
      const endMs = elapsedMs + maxMs
      await nextTurn()
      for (let timer = next(); timer !== undefined; timer = next()) {
        if (timer.dueMs > endMs) throw new Error(`timers are still running after ${maxMs} ms`)
        await runNext(timer)
      }
    },
    async runUntil(work, { maxMs = dayMs } = {}) {
      const endMs = elapsedMs + maxMs
      let settled = false
      const note = (): void => {
        settled = true
      }
      work.then(note, note)
      await nextTurn()
      while (!settled) {
        const timer = next()
        if (timer === undefined) throw new Error('no timer is left, and the work has not settled')
        if (timer.dueMs > endMs) throw new Error(`the work has not settled after ${maxMs} ms`)
        await runNext(timer)
      }
      return await work
    },
    settle: nextTurn,
    stepWallClock(ms) {
      wallOffsetMs += ms
    },
  }
}
