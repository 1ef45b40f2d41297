import type { Clock, Timer } from '@ethwire/io'
import { createWorkBudget, type WorkBudget } from './work-budget.ts'

/** Answers that are being made at once, one of them for somebody who asks for much. */
const maxBuilding = 2
/** Bytes of answers that were made and that peers have not taken yet. */
const defaultMaxBytes = 12 * 1024 * 1024
/** What an answer may have as long as there is room, as in geth. */
const usualBytes = 2 * 1024 * 1024
/** What an answer may have when others are not being taken: all peers together are answered in a few MiB more. */
const crampedBytes = 128 * 1024
/** An answer for which more was read takes a millisecond and more to send: then the event loop goes round first. */
const largeBytes = 256 * 1024

/** An answer; or none, because its first item alone needs more than was allowed. */
export interface Built {
  readonly bytes?: Uint8Array
  readonly neededBytes?: number
  /** Of the items that were read for it. */
  readonly readBytes: number
}

/** One answer that is wanted. */
interface WantedAnswer {
  /** That of the peer: who has the most left goes first, and who owes waits. */
  readonly budget: WorkBudget
  readonly clock: Clock
  /** Makes the answer, of at most so many bytes. */
  build(maxBytes: number): Promise<Built>
  /** Resolves when the peer has taken it. */
  send(bytes: Uint8Array): Promise<void>
  /** Ends the waiting. */
  readonly signal: AbortSignal
}

/**
 * Shared by all peers: what answers may cost, in work and, while peers take their time to read them, in memory. Nobody
 * waits for those who don't read: answers become smaller instead. Only an item that is larger than that alone waits, for
 * the one place that such have.
 */
export interface EgressBudget {
  /** Makes an answer and sends it, when its turn comes. */
  answer(wanted: WantedAnswer): Promise<void>
}

/** What there is for all peers together. */
export interface EgressOptions {
  /** Of answers that they have not taken yet. Default 12 MiB. */
  readonly maxBytes?: number
  /** Of what is read for answers. */
  readonly bytesPerSecond: number
}

/** Who asks for little goes first, then who has the most left. */
function goesBefore(a: WorkBudget, b: WorkBudget): boolean {
  return a.isLight === b.isLight ? a.balance() > b.balance() : a.isLight
}

interface Waiter {
  readonly wanted: WantedAnswer
  /** For an item that is larger than an answer usually is. */
  readonly neededBytes: number | undefined
  start(maxBytes: number): void
}

/** Makes a budget for all peers of a protocol. */
export function createEgressBudget({ maxBytes = defaultMaxBytes, bytesPerSecond }: EgressOptions): EgressBudget {
  let building = 0
  let heavyBuilding = 0
  let heldBytes = 0
  let isLargeOut = false
  let ofAll: WorkBudget | undefined
  /** Until the event loop has been round. */
  let turning: Timer | undefined
  /** Until somebody owes nothing any more. */
  let owing: Timer | undefined
  // bounded: one a peer, since each is answered one request at a time
  const waiting = new Set<Waiter>()

  /**
   * Who goes next, or how long until somebody may. Who asks for little may go on while those who ask for much have spent
   * what there is for all, until as much again is owed.
   */
  const nextWaiter = (): Waiter | number | undefined => {
    let next: Waiter | undefined
    let soonestMs: number | undefined
    for (const waiter of waiting) {
      const { budget } = waiter.wanted
      const { isLight } = budget
      if (waiter.neededBytes !== undefined && isLargeOut) continue
      if (!isLight && heavyBuilding > 0) continue
      const waitMs = Math.max(budget.waitMs(0), ofAll?.waitMs(isLight ? -bytesPerSecond : 0) ?? 0)
      if (waitMs > 0) soonestMs = Math.min(waitMs, soonestMs ?? waitMs)
      else if (next === undefined || goesBefore(budget, next.wanted.budget)) next = waiter
    }
    return next ?? soonestMs
  }

  const startNext = (): void => {
    owing?.cancel()
    owing = undefined
    while (building < maxBuilding && turning === undefined) {
      const next = nextWaiter()
      if (next === undefined) return
      if (typeof next === 'number') {
        const [first] = waiting
        owing = first?.wanted.clock.setTimer(next, startNext)
        return
      }
      waiting.delete(next)
      building++
      if (!next.wanted.budget.isLight) heavyBuilding++
      if (next.neededBytes !== undefined) {
        isLargeOut = true
        next.start(next.neededBytes)
      } else {
        next.start(heldBytes + building * usualBytes <= maxBytes ? usualBytes : crampedBytes)
      }
    }
  }

  /** Resolves with how large the answer may be. */
  const turn = (wanted: WantedAnswer, neededBytes: number | undefined): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const { signal } = wanted
    const onAbort = (): void => {
      if (!waiting.delete(waiter)) return
      reject(signal.reason)
      startNext()
    }
    const waiter: Waiter = {
      wanted,
      neededBytes,
      start(bytes) {
        signal.removeEventListener('abort', onAbort)
        resolve(bytes)
      },
    }
    if (signal.aborted) return Promise.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    waiting.add(waiter)
    startNext()
    return promise
  }

  return {
    async answer(wanted) {
      ofAll ??= createWorkBudget(wanted.clock, bytesPerSecond)
      for (let neededBytes: number | undefined; ; ) {
        const allowedBytes = await turn(wanted, neededBytes)
        const isLarge = neededBytes !== undefined
        const isHeavy = !wanted.budget.isLight
        let isBuilding = true
        const endBuilding = (): void => {
          if (!isBuilding) return
          isBuilding = false
          building--
          if (isHeavy) heavyBuilding--
        }
        let held = 0
        try {
          const { bytes, readBytes, ...built } = await wanted.build(allowedBytes)
          wanted.budget.charge(readBytes)
          ofAll.charge(readBytes)
          if (bytes === undefined) {
            neededBytes = built.neededBytes
            continue
          }
          held = isLarge ? 0 : bytes.length
          heldBytes += held
          endBuilding()
          const sent = wanted.send(bytes)
          if (readBytes > largeBytes) {
            turning ??= wanted.clock.setTimer(0, () => {
              turning = undefined
              startNext()
            })
          }
          startNext()
          await sent
          return
        } finally {
          endBuilding()
          heldBytes -= held
          if (isLarge) isLargeOut = false
          startNext()
        }
      }
    },
  }
}
