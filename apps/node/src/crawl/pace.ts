/** How many to ask at a time, by how busy this process is. */
export interface Pace {
  readonly limit: number
  /** The share of the time since the last call, 0 to 1, in which the process had something to do. */
  observe(load: number): void
}

/** How often the load is looked at. */
export const paceMs: number = 100

const begin = 16
const least = 8
/** Loads that are looked at together. */
const span = 5
const tooMuch = 0.95
const plenty = 0.88

/**
 * Goes up to `most`, doubling at first, as long as there is time left, and down when there is none: answers that wait to be
 * read look like silence, and a slow machine must not take its own slowness for that of the nodes.
 */
export function createPace(most: number): Pace {
  let limit = Math.min(begin, most)
  let doubles = true
  // bounded: span
  const loads: number[] = []
  return {
    get limit() {
      return limit
    },
    observe(load) {
      loads.push(load)
      if (loads.length > span) loads.shift()
      const mean = loads.reduce((sum, one) => sum + one, 0) / loads.length
      if (mean > tooMuch) {
        doubles = false
        limit = Math.min(most, Math.max(least, Math.floor(limit * 0.85)))
      } else if (mean < plenty) {
        limit = Math.min(most, doubles ? limit * 2 : limit + Math.ceil(most / 20))
      }
    },
  }
}
