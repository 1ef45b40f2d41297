import { P2pError } from './errors.ts'

/** Does a step of a start, and names it where it fails. @throws P2pError `P2P_START_FAILED` */
export function namedStep<T>(what: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw startError(what, cause)
  }
}

/** What a start fails with; what says by itself what is wrong (a caller's mistake) stays. */
export function startError(what: string, cause: unknown): unknown {
  if (cause instanceof P2pError || cause instanceof TypeError || cause instanceof RangeError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new P2pError('P2P_START_FAILED', `can't start ${what}: ${message}`, { cause })
}
