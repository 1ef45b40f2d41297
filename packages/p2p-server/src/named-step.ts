import type { Clock } from '@ethwire/io'
import { P2pError, type P2pErrorCode } from './errors.ts'

/** How long each step of a start may take that waits for others. */
const STEP_TIMEOUT_MS = 10_000

/** Does a step of a start, and names it where it fails. @throws P2pError `P2P_START_FAILED` */
export function namedStep<T>(what: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw startError(what, cause)
  }
}

/** Waits for a step of a start, 10 s at most, and names it where it fails. @throws P2pError `P2P_START_FAILED` */
export async function namedWait<T>(clock: Pick<Clock, 'setTimer'>, what: string, step: Promise<T>): Promise<T> {
  try {
    return await withStartDeadline(clock, step)
  } catch (cause) {
    throw startError(what, cause)
  }
}

/**
 * Waits for a step of a start; what it brings when nobody waits for it any more goes to `dispose`.
 * @throws P2pError `P2P_TIMEOUT` by the rule `start-deadline` after 10 s; else what the step throws
 */
export function withStartDeadline<T>(
  clock: Pick<Clock, 'setTimer'>,
  step: Promise<T>,
  dispose: (late: T) => unknown = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = clock.setTimer(STEP_TIMEOUT_MS, () => {
      isLate = true
      reject(new P2pError('P2P_TIMEOUT', `not done within ${STEP_TIMEOUT_MS} ms`, { rule: 'start-deadline' }))
    })
    async function settle(): Promise<void> {
      try {
        const result = await step
        if (isLate) await dispose(result)
        else resolve(result)
      } catch (error) {
        // Too late, whether it is the step's or the disposal's: the start has failed already, and said why.
        if (!isLate) reject(error)
      } finally {
        timer.cancel()
      }
    }
    void settle()
  })
}

/** What a start fails with; what says by itself what is wrong (a caller's mistake) stays. */
function startError(what: string, cause: unknown): unknown {
  if (cause instanceof TypeError || cause instanceof RangeError) return cause
  if (cause instanceof P2pError && cause.rule !== 'start-deadline') return cause
  return stepFailed('P2P_START_FAILED', `can't start ${what}`, cause)
}

/** That a step has failed, and by which rule of this side if that was its deadline. */
export function stepFailed(code: P2pErrorCode, what: string, cause: unknown): P2pError {
  const message = `${what}: ${cause instanceof Error ? cause.message : String(cause)}`
  const isLate = cause instanceof P2pError && cause.rule === 'start-deadline'
  return new P2pError(code, message, { cause, ...(isLate && { rule: 'start-deadline' as const }) })
}
