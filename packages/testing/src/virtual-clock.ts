import type { Clock, Timer } from '@ethwire/io'
import { createTimerHeap, type Due } from './timer-heap.ts'

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

interface Pending extends Due {
  readonly callback: () => void
}

const dayMs = 24 * 60 * 60 * 1000

/** One turn of the event loop: promises, however long their chains, have run by then. */
export function nextTurn(): Promise<void> {
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
  const heap = createTimerHeap<Pending>()
  // bounded: the timers that the code under test has running
  const live = new Set<Pending>()

  const next = (): Pending | undefined => {
    while (heap.first !== undefined && !live.has(heap.first)) heap.removeFirst()
    return heap.first
  }

  const runNext = async (timer: Pending): Promise<void> => {
    heap.removeFirst()
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
      heap.push(timer)
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
