import type { Clock } from '@ethwire/io'

/** Lets asking begin as fast as this process can take in the answers. */
export interface Pace {
  /** Resolves when the caller may begin, in the order of coming. */
  begin(): Promise<void>
  /** From now on nobody waits. */
  close(): void
}

export interface PaceOptions {
  /** The share of the time since the last call, 0 to 1, in which the process had something to do. */
  load(): number
  /** How many may begin in a tenth of a second, at most. */
  readonly most: number
  readonly clock: Clock
}

const tickMs = 100
const first = 8
/** Loads that are looked at together: what was begun is felt for so many ticks. */
const span = 5
const tooMuch = 0.95
const plenty = 0.85

/**
 * Goes faster, doubling at first, as long as there is time left, and slower when there is none: answers that wait to be read
 * look like silence, and a slow machine must not take its own slowness for that of the nodes. It is the beginning that is
 * held back, not the number of those under way: who is silent is no work.
 */
export function createPace({ load, most, clock }: PaceOptions): Pace {
  // bounded: by those who use it, each of whom waits for its own turn
  const waiting: (() => void)[] = []
  // bounded: span
  const loads: number[] = []
  let each = Math.min(first, most)
  let left = each
  let doubles = true
  let isClosed = false

  load()
  let timer = clock.setTimer(tickMs, tick)
  function tick(): void {
    timer = clock.setTimer(tickMs, tick)
    loads.push(load())
    if (loads.length > span) loads.shift()
    const mean = loads.reduce((sum, one) => sum + one, 0) / loads.length
    if (mean > tooMuch) {
      doubles = false
      each = Math.max(1, Math.floor(each * 0.8))
    } else if (mean < plenty && left === 0) {
      // Faster only if somebody wanted to be.
      each = Math.min(most, doubles ? each * 2 : each + Math.ceil(each / 10))
    }
    left = each
    for (; left > 0; left -= 1) {
      const next = waiting.shift()
      if (next === undefined) return
      next()
    }
  }

  return {
    async begin() {
      if (isClosed) return
      if (left > 0 && waiting.length === 0) left -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    close() {
      isClosed = true
      timer.cancel()
      for (const next of waiting.splice(0)) next()
    },
  }
}
