import { ChainError } from '@ethwire/chain'
import { type Clock, type Logger, sleep } from '@ethwire/io'
import { SyncError } from './errors.ts'

/** Errors of a store that may pass, as a full disk does, and the waiting for that. */
export interface StoreTrouble {
  /** What the store failed with last, until something is stored again. */
  readonly error: Error | undefined
  /** Waits until it is time to try again; longer each time. @throws the error, if waiting would change nothing */
  wait(error: unknown): Promise<void>
  /** Something has been stored. */
  over(): void
}

const firstWaitMs = 10_000
const maxWaitMs = 60_000
const maxKinds = 16

/** Told by `onChange` of each time that trouble begins or ends. */
export function createStoreTrouble(options: {
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly onChange: () => void
}): StoreTrouble {
  const { clock, logger, signal, onChange } = options
  const logged = new Set<string>() // bounded: maxKinds
  let waitMs = firstWaitMs
  let current: Error | undefined

  return {
    get error() {
      return current
    },
    async wait(error) {
      signal.throwIfAborted()
      if (!mayPass(error)) throw error
      const kind = codeOf(error) ?? error.name
      if (!logged.has(kind) && logged.size < maxKinds) {
        logged.add(kind)
        logger.error({ error }, 'The store fails; trying again until it does not')
      }
      current = error
      onChange()
      const ms = waitMs
      waitMs = Math.min(maxWaitMs, 2 * waitMs)
      await sleep(clock, ms, { signal })
    },
    over() {
      if (current === undefined) return
      current = undefined
      waitMs = firstWaitMs
      logged.clear()
      logger.info({}, 'The store works again')
      onChange()
    },
  }
}

/** Codes of abstract-level after which the same database will not work again. */
const lastingCodes = new Set(['LEVEL_DATABASE_NOT_OPEN', 'LEVEL_CORRUPTION', 'LEVEL_NOT_SUPPORTED'])

/** Mistakes in programs, a closed or broken store and bad heads stay what they are. */
function mayPass(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof SyncError || error instanceof ChainError) return false
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return false
  const code = codeOf(error) ?? codeOf(error.cause)
  return code === undefined || !(code.startsWith('STORE_') || lastingCodes.has(code))
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
