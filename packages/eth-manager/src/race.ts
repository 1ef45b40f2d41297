import type { Clock, Timer } from '@ethwire/io'

/**
 * Asks one candidate after the other until one has an answer: the next as soon as one has none, or after `nextAfterMs`
 * even while earlier ones are awaited. Undefined when none has one. An answer of one that was overtaken is dropped.
 */
export function race<C, T>(
  clock: Clock,
  candidates: readonly C[],
  ask: (candidate: C) => Promise<T | undefined>,
  nextAfterMs: number,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    let next = 0
    let waiting = 0
    let timer: Timer | undefined
    let over = false
    const finish = (result: T | undefined): void => {
      over = true
      timer?.cancel()
      resolve(result)
    }
    const start = (): void => {
      timer?.cancel()
      if (over) return
      if (next >= candidates.length) {
        if (waiting === 0) finish(undefined)
        return
      }
      const candidate = candidates[next++] as C
      waiting++
      timer = clock.setTimer(nextAfterMs, start)
      const settle = (result: T | undefined): void => {
        waiting--
        if (over) return
        if (result !== undefined) finish(result)
        else start()
      }
      ask(candidate).then(settle, () => settle(undefined))
    }
    start()
  })
}

/** The results of those that succeed until some time after the first of them; of all, at the latest. */
export function gather<T>(clock: Clock, works: readonly Promise<T>[], graceMs: number): Promise<T[]> {
  return new Promise((resolve) => {
    const results: T[] = []
    let waiting = works.length
    let timer: Timer | undefined
    const finish = (): void => {
      timer?.cancel()
      resolve(results)
    }
    if (waiting === 0) finish()
    for (const work of works) {
      work
        .then((result) => {
          results.push(result)
          timer ??= clock.setTimer(graceMs, finish)
        })
        .catch(() => undefined)
        .finally(() => {
          waiting--
          if (waiting === 0) finish()
        })
    }
  })
}
