/** How many to ask at a time, by how busy this process is. */
export interface Pace {
  readonly limit: number
  /** The share of the time since the last call, 0 to 1, in which the process had something to do. */
  observe(load: number): 'overloaded' | 'fine'
}

/** How often the load is looked at. */
export const paceMs: number = 100

const begin = 16
const least = 4
const tooMuch = 0.9
const plenty = 0.75

/**
 * Goes up to `most`, doubling at first, as long as there is time left, and down as soon as there is none: answers that wait
 * to be read look like silence, and a slow machine must not take its own slowness for that of the nodes.
 */
export function createPace(most: number): Pace {
  let limit = Math.min(begin, most)
  let doubles = true
  return {
    get limit() {
      return limit
    },
    observe(load) {
      if (load > tooMuch) {
        doubles = false
        limit = Math.min(most, Math.max(least, Math.floor(limit * 0.75)))
        return 'overloaded'
      }
      if (load < plenty) {
        limit = Math.min(most, doubles ? limit * 2 : limit + Math.ceil(most / 20))
      }
      return 'fine'
    },
  }
}
