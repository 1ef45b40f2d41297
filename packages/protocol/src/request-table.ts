import { type Clock, onAbort, type Timer } from '@ethwire/io'
import { ProtocolError } from './errors.ts'

/** How long an id stays known after its deadline: a late answer is no offence, and costs nothing. */
const LATE_ANSWER_MS = 5 * 60_000

/** Options of `createRequestTable`. */
export interface RequestTableOptions {
  readonly clock: Clock
  /** Requests that wait or stay known, in all. Default 1024. */
  readonly maxPending?: number
  /** The first id; each next one is higher by 1. Default 1. */
  readonly firstId?: bigint
}

/** What the table knows of one request that is under way. */
export interface PendingRequest<T> {
  readonly id: bigint
  /** What it asks for; an answer must be of the same kind. */
  readonly kind: string
  readonly response: Promise<T>
  /** Gives the answer, decoded. */
  resolve(value: T): void
  /** Ends the request; the id stays known for a while, should the answer still come. */
  fail(error: Error): void
}

/** Requests to one peer: ids, deadlines, and which answer belongs to which. */
export interface RequestTable {
  /**
   * Enters a request. Its `response` rejects with `PROTOCOL_TIMEOUT` at the deadline, or with the signal's reason.
   * @throws ProtocolError `PROTOCOL_TOO_MANY_REQUESTS`, `PROTOCOL_CLOSED`
   */
  open<T>(kind: string, options: { timeoutMs: number; signal?: AbortSignal }): PendingRequest<T>
  /**
   * The request that an answer belongs to, to be called before the answer is decoded; undefined when it comes late and
   * is to be dropped.
   * @throws ProtocolError `PROTOCOL_UNSOLICITED` for an id that was never asked, or asked for something else
   */
  match(id: bigint, kind: string): PendingRequest<unknown> | undefined
  /** The request of a kind that waits longest. */
  oldest(kind: string): PendingRequest<unknown> | undefined
  /** Requests that wait for an answer. */
  readonly pendingCount: number
  /** Rejects all that wait and refuses new ones. Idempotent. */
  close(error: Error): void
}

interface Entry extends PendingRequest<unknown> {
  deadline: Timer
  settled: boolean
  forgetAtMs: number
}

/** Makes the table of requests to one peer. */
export function createRequestTable(options: RequestTableOptions): RequestTable {
  const { clock, maxPending = 1024 } = options
  // bounded: maxPending entries, waiting or late together
  const entries = new Map<bigint, Entry>()
  let nextId = options.firstId ?? 1n
  let waiting = 0
  let closedBy: Error | undefined

  const forgetOld = (): void => {
    const now = clock.monotonicMs()
    for (const entry of entries.values()) {
      if (entry.settled && entry.forgetAtMs <= now) entries.delete(entry.id)
    }
    // Room for what is asked now counts more than memory of what came to nothing.
    for (const entry of entries.values()) {
      if (entries.size < maxPending) return
      if (entry.settled) entries.delete(entry.id)
    }
  }

  return {
    open<T>(kind: string, { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }): PendingRequest<T> {
      if (closedBy !== undefined) throw closedBy
      if (entries.size >= maxPending) forgetOld()
      if (entries.size >= maxPending) {
        throw new ProtocolError('PROTOCOL_TOO_MANY_REQUESTS', `${maxPending} requests wait already`)
      }
      const id = nextId
      nextId = BigInt.asUintN(64, nextId + 1n)
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      // Whoever gave up waiting need not hear of the rejection; whoever waits gets it from their own `await`.
      promise.catch(() => undefined)
      let forget: (() => void) | undefined
      const settle = (): boolean => {
        if (entry.settled) return false
        entry.settled = true
        waiting--
        entry.deadline.cancel()
        forget?.()
        return true
      }
      const entry: Entry = {
        id,
        kind,
        response: promise,
        settled: false,
        forgetAtMs: 0,
        deadline: clock.setTimer(timeoutMs, () => {
          entry.fail(new ProtocolError('PROTOCOL_TIMEOUT', `no answer to ${kind} within ${timeoutMs} ms`))
        }),
        resolve(value) {
          if (!settle()) return
          entries.delete(id)
          resolve(value)
        },
        fail(error) {
          if (!settle()) return
          entry.forgetAtMs = clock.monotonicMs() + LATE_ANSWER_MS
          reject(error)
        },
      }
      waiting++
      entries.set(id, entry)
      if (signal?.aborted) entry.fail(signal.reason as Error)
      else if (signal) forget = onAbort(signal, () => entry.fail(signal.reason as Error))
      return entry as PendingRequest<T>
    },

    match(id, kind) {
      const entry = entries.get(id)
      if (entry === undefined || (entry.settled && entry.forgetAtMs <= clock.monotonicMs())) {
        throw new ProtocolError('PROTOCOL_UNSOLICITED', `an answer of kind ${kind} to a request that was never made`)
      }
      if (entry.kind !== kind) {
        throw new ProtocolError('PROTOCOL_UNSOLICITED', `an answer of kind ${kind} to a request for ${entry.kind}`)
      }
      if (!entry.settled) return entry
      entries.delete(id)
      return undefined
    },

    oldest(kind) {
      for (const entry of entries.values()) if (!entry.settled && entry.kind === kind) return entry
      return undefined
    },

    get pendingCount() {
      return waiting
    },

    close(error) {
      closedBy ??= error
      for (const entry of entries.values()) entry.fail(error)
      entries.clear()
    },
  }
}
