import type { Allowance } from './allowance.ts'

/** Messages of one lane that may wait for their turn, and their bytes, over by at most one message. */
const MAX_WAITING = 1024
const MAX_WAITING_BYTES = 32 * 1024 * 1024

/** The lane of the base protocol: always the next to write, and never held back by an allowance. */
export const BASE_LANE = 0

/** Writes messages of several lanes, one at a time. */
export interface FairWriter {
  /** Resolves with the bytes written when there is room for the next; undefined when too much waits in this lane already. */
  send(lane: number, code: number, payload: Uint8Array): Promise<number> | undefined
  /** Sends a last message, after what waits; what an allowance holds back is given up. Sends after that fail with `error`. */
  finish(code: number, payload: Uint8Array, error: Error): Promise<unknown>
  /** Fails what waits, and all that comes. Idempotent. */
  fail(error: Error): void
}

export interface FairWriterOptions {
  /** Makes the bytes of a message, tells how many, and writes them, which it charges: the one writer of a stream. */
  write(code: number, payload: Uint8Array, written: (bytes: number) => void): Promise<void>
  /** Where each message waits until it may begin. */
  readonly allowance: Allowance | undefined
  /** Whether an allowance holds back the rest of the message that is being written. */
  isHeldBack?(): boolean
}

interface Waiting {
  readonly code: number
  readonly payload: Uint8Array
  resolve(bytes: number): void
  reject(error: unknown): void
}

interface Lane {
  readonly waiting: Waiting[]
  waitingBytes: number
  /** Bytes that it has written, or would have, had it kept up with the others. */
  turn: number
}

/**
 * Makes a writer whose lanes get the same share of the bytes while they have something to write, however much each has:
 * the next message is of the lane that has written least. A lane that had nothing for a while has saved nothing up.
 */
export function createFairWriter({ write, allowance, isHeldBack }: FairWriterOptions): FairWriter {
  // bounded: the base protocol and the subprotocols of one peer; each lane by MAX_WAITING and MAX_WAITING_BYTES
  const lanes: Lane[] = []
  let now = 0
  let isWriting = false
  let stopWaiting: (() => void) | undefined
  let failure: Error | undefined

  function laneAt(index: number): Lane {
    while (lanes.length <= index) lanes.push({ waiting: [], waitingBytes: 0, turn: 0 })
    return lanes[index] as Lane
  }

  function nextLane(): Lane | undefined {
    const base = lanes[BASE_LANE]
    if (base !== undefined && base.waiting.length > 0) return base
    let next: Lane | undefined
    for (const lane of lanes) {
      if (lane.waiting.length > 0 && (next === undefined || lane.turn < next.turn)) next = lane
    }
    return next
  }

  function pump(): void {
    if (isWriting) return
    const lane = nextLane()
    if (lane === undefined) return
    if (allowance === undefined || lane === lanes[BASE_LANE]) {
      writeNext(lane)
      return
    }
    if (stopWaiting !== undefined) return
    let isReady = false
    const stop = allowance.whenReady(() => {
      isReady = true
      stopWaiting = undefined
      // The turn is the one that is up now.
      const next = isWriting ? undefined : nextLane()
      if (next !== undefined) writeNext(next)
    })
    if (!isReady) stopWaiting = stop
  }

  function writeNext(lane: Lane): void {
    const message = lane.waiting.shift()
    if (message === undefined) return
    lane.waitingBytes -= message.payload.length
    now = Math.max(now, lane.turn)
    isWriting = true
    let bytes = 0
    const written = (count: number): void => {
      bytes = count
      lane.turn += count
    }
    const done = (): void => {
      isWriting = false
      pump()
    }
    write(message.code, message.payload, written).then(
      () => {
        message.resolve(bytes)
        done()
      },
      (error: unknown) => {
        message.reject(error)
        done()
      },
    )
  }

  function fail(error: Error): void {
    failure ??= error
    stopWaiting?.()
    stopWaiting = undefined
    for (const lane of lanes) {
      lane.waitingBytes = 0
      for (const { reject } of lane.waiting.splice(0)) reject(failure)
    }
  }

  function push(index: number, code: number, payload: Uint8Array): Promise<number> {
    const lane = laneAt(index)
    if (lane.waiting.length === 0) lane.turn = Math.max(lane.turn, now)
    const sent = new Promise<number>((resolve, reject) => {
      lane.waiting.push({ code, payload, resolve, reject })
    })
    lane.waitingBytes += payload.length
    pump()
    return sent
  }

  return {
    send(index, code, payload) {
      if (failure !== undefined) return Promise.reject(failure)
      const lane = laneAt(index)
      if (lane.waiting.length >= MAX_WAITING || lane.waitingBytes >= MAX_WAITING_BYTES) return undefined
      return push(index, code, payload)
    },
    finish(code, payload, error) {
      if (failure !== undefined) return Promise.reject(failure)
      if (stopWaiting !== undefined || isHeldBack?.() === true) {
        fail(error)
        return push(BASE_LANE, code, payload)
      }
      failure = error
      const waiting = lanes.flatMap((lane) => lane.waiting.splice(0))
      const base = laneAt(BASE_LANE)
      base.waiting.push(...waiting)
      return push(BASE_LANE, code, payload)
    },
    fail,
  }
}
