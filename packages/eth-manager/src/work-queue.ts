import { type Clock, sleep } from '@ethwire/io'

/** To be awaited between the steps of long work; undefined while there is time for another. */
export type Breathe = () => Promise<void> | undefined

/** Runs work that is heavy on the processor, one piece after the other, none holding up the event loop for long. */
export interface WorkQueue {
  run<T>(work: (breathe: Breathe) => T | Promise<T>): Promise<T>
}

/** A turn of the event loop has other things to do as well, and a timer takes at least a millisecond. */
const sliceMs = 8

/** Makes a queue; from when the signal aborts on, nothing in it waits any more. */
export function createWorkQueue(clock: Clock, signal: AbortSignal): WorkQueue {
  // bounded: what runs is an answer each, of requests under way, and one reading of headers
  let last: Promise<unknown> = Promise.resolve()
  let sliceStartMs = Number.NEGATIVE_INFINITY

  const begin = (): void => {
    sliceStartMs = clock.monotonicMs()
  }
  const breathe: Breathe = () =>
    clock.monotonicMs() - sliceStartMs < sliceMs ? undefined : sleep(clock, 0, { signal }).then(begin, begin)

  return {
    run(work) {
      const result = last.then(async () => {
        // After a pause, too: what brought the work has taken time already.
        await breathe()
        return work(breathe)
      })
      last = result.catch(() => undefined)
      return result
    },
  }
}
