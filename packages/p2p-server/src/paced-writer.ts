import type { Clock } from '@ethwire/io'
import type { Allowance } from './allowance.ts'

/** What is written at a time where an allowance is to be kept. */
const SLICE_BYTES = 64 * 1024
/** How long a frame may take for that: the next ping waits for its end, and so does the other side, for 30 s at most. */
const MAX_SPREAD_MS = 10_000

/** Writes frames within an allowance. */
export interface PacedWriter {
  /**
   * Writes a frame, a large one piece by piece as the allowance lets it pass; what it has not let pass after 10 s goes at
   * once, and is made up for by what comes after it.
   */
  write(frame: Uint8Array): Promise<void>
  /** Whether a frame is not written any further for its allowance's sake. */
  readonly isHeldBack: boolean
  /** Holds nothing back any more. Idempotent. */
  hurry(): void
}

/** Makes what writes within `allowance`; without one, frames are written in one piece. */
export function createPacedWriter(
  clock: Clock,
  allowance: Allowance | undefined,
  writeNow: (bytes: Uint8Array) => Promise<void>,
): PacedWriter {
  let isHurried = false
  let goOn: (() => void) | undefined

  async function write(frame: Uint8Array): Promise<void> {
    if (allowance === undefined) return await writeNow(frame)
    const endMs = clock.monotonicMs() + MAX_SPREAD_MS
    for (let offset = 0; offset < frame.length; ) {
      // That the first may pass is known.
      if (offset > 0) await ready(allowance, endMs)
      const isLate = isHurried || clock.monotonicMs() >= endMs
      const slice = frame.subarray(offset, isLate ? frame.length : offset + SLICE_BYTES)
      allowance.charge(slice.length)
      await writeNow(slice)
      offset += slice.length
    }
  }

  function ready(allowance: Allowance, endMs: number): Promise<void> {
    if (isHurried) return Promise.resolve()
    return new Promise((resolve) => {
      let leave: (() => void) | undefined
      goOn = () => {
        goOn = undefined
        timer.cancel()
        leave?.()
        resolve()
      }
      const timer = clock.setTimer(Math.max(0, endMs - clock.monotonicMs()), goOn)
      leave = allowance.whenReady(goOn)
    })
  }

  return {
    write,
    get isHeldBack() {
      return goOn !== undefined
    },
    hurry() {
      isHurried = true
      goOn?.()
    },
  }
}
