import type { Timer } from '@ethwire/io'
import { createTimerHeap, type Due } from './timer-heap.ts'
import { nextTurn, type VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Timers due within so many milliseconds are kept by their millisecond, later ones in a heap. A power of two. */
const nearMs = 2 ** 16
/** After so many rounds of timers the event loop gets a turn, for signals and for messages between processes. */
const roundsPerTurn = 1024

/** Resolves when all promises that could run have run. Far cheaper than a turn of the event loop. */
function promisesRun(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}

class RunningTimer implements Timer, Due {
  readonly dueMs: number
  readonly order: number
  callback: (() => void) | undefined
  readonly #onCancel: () => void

  constructor(dueMs: number, order: number, callback: () => void, onCancel: () => void) {
    this.dueMs = dueMs
    this.order = order
    this.callback = callback
    this.#onCancel = onCancel
  }

  cancel(): void {
    if (this.callback === undefined) return
    this.callback = undefined
    this.#onCancel()
  }
}

/**
 * Makes a virtual clock for large simulations, an order of magnitude cheaper than {@link createVirtualClock} and coarser
 * in three things. Time passes in whole milliseconds: delays are rounded up. Timers of the same millisecond run one
 * after the other in the order in which they were set, and only then what they set off. What it waits for is promises:
 * work that also needs turns of the event loop (files, sockets, `setImmediate`) gets one now and then.
 *
 * @example
 * import { createSimulationClock } from '@ethwire/testing'
 *
 * const clock = createSimulationClock()
 * let ticks = 0
 * const tick = (): void => {
 *   ticks++
 *   clock.setTimer(10, tick)
 * }
 * tick()
 * await clock.advance(60_000)
 * console.log(ticks) // 6001
 */
export function createSimulationClock(options: VirtualClockOptions = {}): VirtualClock {
  let wallOffsetMs = options.startMs ?? 1_700_000_000_000
  let elapsedMs = 0
  let order = 0
  let running = 0
  let rounds = 0
  // Slot of a time: its last 16 bits. bounded: nearMs slots, with the timers that the code under test has running
  const near: (RunningTimer[] | undefined)[] = new Array(nearMs).fill(undefined)
  const far = createTimerHeap<RunningTimer>()

  const onCancel = (): void => {
    running--
  }

  const addNear = (timer: RunningTimer): void => {
    const slot = timer.dueMs & (nearMs - 1)
    const timers = near[slot]
    if (timers === undefined) near[slot] = [timer]
    else timers.push(timer)
  }

  /** Moves to a time at which nothing earlier is due. Far timers come near before any timer of their time is set. */
  const moveTo = (timeMs: number): void => {
    elapsedMs = timeMs
    for (let timer = far.first; timer !== undefined && timer.dueMs < timeMs + nearMs; timer = far.first) {
      far.removeFirst()
      if (timer.callback !== undefined) addNear(timer)
    }
  }

  /** Runs what is due now, and what that sets off; false when nothing is due. */
  const runDue = (): boolean => {
    const slot = elapsedMs & (nearMs - 1)
    const timers = near[slot]
    if (timers === undefined) return false
    near[slot] = undefined
    for (const [index, timer] of timers.entries()) {
      const { callback } = timer
      if (callback === undefined) continue
      timer.callback = undefined
      running--
      try {
        callback()
      } catch (error) {
        near[slot] = [...timers.slice(index + 1), ...(near[slot] ?? [])]
        throw error
      }
    }
    return true
  }

  const settleRound = (): Promise<void> => (++rounds % roundsPerTurn === 0 ? nextTurn() : promisesRun())

  /** Runs timers up to a time, that included, until `isOver`; false when it came to the end of the time. */
  const runTo = async (endMs: number, isOver: () => boolean): Promise<boolean> => {
    await nextTurn()
    for (;;) {
      while (!isOver() && runDue()) await settleRound()
      if (isOver()) return true
      if (elapsedMs >= endMs) return false
      moveTo(elapsedMs + 1)
    }
  }

  return {
    now: () => wallOffsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    setTimer(delayMs, callback): Timer {
      if (Number.isNaN(delayMs)) throw new RangeError('delayMs is not a number')
      const timer = new RunningTimer(elapsedMs + Math.max(0, Math.ceil(delayMs)), order++, callback, onCancel)
      running++
      if (timer.dueMs < elapsedMs + nearMs) addNear(timer)
      else far.push(timer)
      return timer
    },
    get timers() {
      return running
    },
    async advance(ms) {
      if (!(ms >= 0) || !Number.isInteger(ms)) throw new RangeError(`time moves by whole milliseconds, not by ${ms}`)
      await runTo(elapsedMs + ms, () => false)
    },
    async runUntilIdle({ maxMs = dayMs } = {}) {
      if (!(await runTo(elapsedMs + maxMs, () => running === 0))) {
        throw new Error(`timers are still running after ${maxMs} ms`)
      }
    },
    async runUntil(work, { maxMs = dayMs } = {}) {
      let isSettled = false
      const note = (): void => {
        isSettled = true
      }
      work.then(note, note)
      const isOver = await runTo(elapsedMs + maxMs, () => isSettled || running === 0)
      if (!isOver) throw new Error(`the work has not settled after ${maxMs} ms`)
      if (!isSettled) throw new Error('no timer is left, and the work has not settled')
      return await work
    },
    settle: nextTurn,
    stepWallClock(ms) {
      wallOffsetMs += ms
    },
  }
}
