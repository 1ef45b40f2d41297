import type { Clock, Timer } from '@ethwire/io'

/** Something that is due at a time of the monotonic clock, unless it is over before. */
export abstract class Deadline {
  atMs: number
  isOver = false

  constructor(atMs: number) {
    this.atMs = atMs
  }

  /** Called once, when the time has come. */
  abstract onTime(): void
}

/** A deadline that calls back. */
class Callback extends Deadline {
  readonly #callback: () => void

  constructor(atMs: number, callback: () => void) {
    super(atMs)
    this.#callback = callback
  }

  onTime(): void {
    this.#callback()
  }
}

/**
 * How late a timer may be. One that is later shows that this process stood still: what it waits for may lie unread in its
 * socket, and is given the time that was lost once more, up to a bound.
 */
const maxLateMs = 50
const maxGraceMs = 500

/** So many places are moved one by one, and of those removed not given back while others wait. */
const fewest = 32

/** All deadlines of an engine on one timer of the clock: thousands of engines may run in one process. */
export class Deadlines {
  readonly #clock: Clock
  // In the order of their times, from `#first` on: new ones are later than most, so that few have to make room. What is
  // over stays until its time has come, since most of it waits for half a second at most. bounded: by the requests under
  // way, the packets that senders' budgets let read a database in half a second, and a few of the table's own
  readonly #waiting: (Deadline | undefined)[] = []
  #first = 0
  #timer: Timer | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  #hasGrace = false
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(deadline: Deadline): void {
    if (this.#isClosed) return
    const waiting = this.#waiting
    const { atMs } = deadline
    const near = Math.max(this.#first, waiting.length - fewest)
    let place = waiting.length
    while (place > near && this.#isLater(place - 1, atMs)) place--
    if (place > near || place === this.#first) {
      // `splice` would make an array for it.
      waiting.push(deadline)
      for (let at = waiting.length - 1; at > place; at--) waiting[at] = waiting[at - 1]
      waiting[place] = deadline
    } else {
      waiting.splice(this.#placeOf(atMs, place), 0, deadline)
    }
    if (atMs < this.#timerAtMs) this.#arm(atMs)
  }

  /** Calls back at a time; `isOver = true` on the result calls it off. */
  at(atMs: number, callback: () => void): Deadline {
    const deadline = new Callback(atMs, callback)
    this.add(deadline)
    return deadline
  }

  /** Waits; what is left at `close` waits no longer. */
  wait(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      this.add(new Wait(this.#clock.monotonicMs() + ms, resolve))
    })
  }

  /** What some work gives, if it does so in time, and `undefined` otherwise: then it goes on unheeded. Rejects as it does. */
  async within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const wait = new Wait(this.#clock.monotonicMs() + ms, () => resolve(undefined))
    if (this.#isClosed) resolve(undefined)
    else this.add(wait)
    try {
      return await Promise.race([work, promise])
    } finally {
      wait.isOver = true
    }
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    const left = this.#waiting.splice(0)
    this.#first = 0
    for (const deadline of left) if (deadline instanceof Wait && !deadline.isOver) deadline.onTime()
  }

  #arm(atMs: number): void {
    const nowMs = this.#clock.monotonicMs()
    this.#timer?.cancel()
    // Not before now: what was due when it was added is no sign of a process that stood still.
    this.#timerAtMs = Math.max(atMs, nowMs)
    this.#timer = this.#clock.setTimer(this.#timerAtMs - nowMs, this.#run)
  }

  readonly #run = (): void => {
    const nowMs = this.#clock.monotonicMs()
    const lateMs = nowMs - this.#timerAtMs
    this.#timerAtMs = Number.POSITIVE_INFINITY
    this.#timer = undefined
    if (lateMs > maxLateMs && !this.#hasGrace) {
      this.#hasGrace = true
      this.#arm(nowMs + Math.min(lateMs, maxGraceMs))
      return
    }
    this.#hasGrace = false
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (!next.isOver) {
        // A timer may be early by a fraction of a millisecond: whoever is called then would find nothing due.
        if (next.atMs > nowMs) break
        next.isOver = true
        this.#removeFirst()
        next.onTime()
      } else {
        this.#removeFirst()
      }
    }
    const next = this.#next()
    if (!this.#isClosed && next !== undefined && next.atMs < this.#timerAtMs) this.#arm(next.atMs)
  }

  #isLater(place: number, atMs: number): boolean {
    return (this.#waiting[place] as Deadline).atMs > atMs
  }

  /** Where a time belongs among those before `end`. */
  #placeOf(atMs: number, end: number): number {
    let low = this.#first
    let high = end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isLater(middle, atMs)) high = middle
      else low = middle + 1
    }
    return low
  }

  #next(): Deadline | undefined {
    return this.#waiting[this.#first]
  }

  #removeFirst(): void {
    const waiting = this.#waiting
    waiting[this.#first++] = undefined
    // Room that half of the array no longer needs is given back: each removal has paid for one step of it.
    if (this.#first < waiting.length && (this.#first < fewest || this.#first * 2 < waiting.length)) return
    waiting.copyWithin(0, this.#first)
    waiting.length -= this.#first
    this.#first = 0
  }
}

class Wait extends Callback {}
