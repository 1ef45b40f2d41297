import { onAbort } from '@ethwire/io'
import { ProtocolError } from '@ethwire/protocol'

/** A limited number of places, given in the order of asking. */
export interface Slots {
  /** Who waits for a place. */
  readonly waitingCount: number
  /**
   * Waits for a place; what it resolves with gives the place back, once however often it is called.
   * @throws ProtocolError `PROTOCOL_TOO_MANY_REQUESTS`, `PROTOCOL_CLOSED`; the signal's reason
   */
  take(signal?: AbortSignal): Promise<() => void>
  /** Rejects all that wait. Idempotent. */
  close(error: Error): void
}

/** Makes `count` places, for which `maxWaiting` may wait. */
export function createSlots(count: number, maxWaiting: number): Slots {
  const waiting = new Set<PromiseWithResolvers<void>>() // bounded: maxWaiting
  let free = count
  let closedBy: Error | undefined

  const giveBack = (): void => {
    const [next] = waiting
    if (next === undefined) {
      free++
      return
    }
    waiting.delete(next)
    next.resolve()
  }

  const wait = async (signal: AbortSignal | undefined): Promise<void> => {
    if (waiting.size >= maxWaiting) {
      throw new ProtocolError('PROTOCOL_TOO_MANY_REQUESTS', `${maxWaiting} requests wait already`)
    }
    const turn = Promise.withResolvers<void>()
    waiting.add(turn)
    const forget =
      signal &&
      onAbort(signal, () => {
        if (waiting.delete(turn)) turn.reject(signal.reason)
      })
    try {
      await turn.promise
    } finally {
      forget?.()
    }
  }

  return {
    get waitingCount() {
      return waiting.size
    },
    async take(signal) {
      signal?.throwIfAborted()
      if (closedBy !== undefined) throw closedBy
      if (free > 0) free--
      else await wait(signal)
      let isTaken = true
      return () => {
        if (isTaken) giveBack()
        isTaken = false
      }
    },
    close(error) {
      closedBy ??= error
      for (const turn of waiting) turn.reject(error)
      waiting.clear()
    },
  }
}
