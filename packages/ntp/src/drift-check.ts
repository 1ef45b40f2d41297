import { type Clock, type Logger, type Metrics, noMetrics, silentLogger } from '@ethwire/io'
import { nodeClock } from '@ethwire/io/node'

export interface DriftCheckOptions {
  /** Measures by how many milliseconds our clock is ahead: `measureDrift` with a host, as a rule. */
  readonly measure: (options: { signal: AbortSignal }) => Promise<number>
  readonly clock?: Pick<Clock, 'monotonicMs'>
  readonly logger?: Logger
  /** Has `ntp/drift`, in milliseconds, and counts `ntp/checks`, `ntp/failures` and `ntp/warnings`. */
  readonly metrics?: Metrics
  /** Requests in a row without an answer before the clock is suspected; 32 by default. */
  readonly maxTimeouts?: number
  /** Between the beginnings of two checks at least; 600,000 by default. */
  readonly minIntervalMs?: number
  /** From which drift on to warn; 10,000 by default. */
  readonly warnDriftMs?: number
}

/** What is known of the clock. */
export type DriftState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'measured'; readonly driftMs: number; readonly isOff: boolean }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Suspects this machine's clock when nobody answers any more: discovery's packets carry the time they expire at, and with a
 * wrong clock they have expired when they arrive. It never touches the clock, and nothing waits for it.
 */
export interface DriftCheck {
  readonly state: DriftState
  /** A request had no answer in time. More than 32 of them in a row are a reason to suspect the clock. */
  timedOut(): void
  /** A request had an answer. */
  answered(): void
  /** There is reason to suspect the clock: has it measured, if that was not done in the last ten minutes. */
  suspect(): void
  /** Breaks off what is being measured. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes a drift check with geth's figures. A drift of more than ten seconds, either way, is a warning in the log; a server
 * that does not answer is a line for debugging.
 *
 * @example
 * import { createDriftCheck } from '@ethwire/ntp'
 *
 * const check = createDriftCheck({ measure: async () => -61_000 })
 * for (let request = 0; request < 33; request++) check.timedOut()
 * await new Promise((resolve) => setTimeout(resolve, 1))
 * console.log(check.state) // { kind: 'measured', driftMs: -61000, isOff: true }
 * await check.close()
 */
export function createDriftCheck(options: DriftCheckOptions): DriftCheck {
  const {
    measure,
    clock = nodeClock,
    logger = silentLogger,
    metrics = noMetrics,
    maxTimeouts = 32,
    minIntervalMs = 600_000,
    warnDriftMs = 10_000,
  } = options
  const driftGauge = metrics.gauge('ntp/drift')
  const checks = metrics.counter('ntp/checks')
  const failures = metrics.counter('ntp/failures')
  const warnings = metrics.counter('ntp/warnings')
  const controller = new AbortController()
  let state: DriftState = { kind: 'unknown' }
  let timeouts = 0
  let startedMs = Number.NEGATIVE_INFINITY
  let running: Promise<void> = Promise.resolve()

  const run = async (): Promise<void> => {
    checks.add()
    state = { kind: 'measuring' }
    try {
      const driftMs = await measure({ signal: controller.signal })
      const isOff = Math.abs(driftMs) > warnDriftMs
      state = { kind: 'measured', driftMs, isOff }
      driftGauge.set(driftMs)
      if (!isOff) {
        logger.debug({ driftMs }, 'The system clock is right')
        return
      }
      warnings.add()
      const seconds = Math.round(Math.abs(driftMs) / 1000)
      logger.warn(
        { driftMs },
        `The system clock is ${seconds} s ${driftMs > 0 ? 'ahead' : 'behind'}, so that other nodes take our packets for ` +
          'expired or forged: switch on time synchronisation in the system settings',
      )
    } catch (error) {
      state = { kind: 'failed', error }
      if (controller.signal.aborted) return
      failures.add()
      logger.debug({ err: error }, 'The time server did not tell the time')
    }
  }

  const suspect = (): void => {
    const nowMs = clock.monotonicMs()
    if (controller.signal.aborted || state.kind === 'measuring' || nowMs - startedMs < minIntervalMs) return
    startedMs = nowMs
    running = run()
  }

  const close = async (): Promise<void> => {
    controller.abort(new Error('the drift check is closed'))
    await running
  }

  return {
    get state() {
      return state
    },
    timedOut() {
      if (++timeouts <= maxTimeouts) return
      timeouts = 0
      suspect()
    },
    answered() {
      timeouts = 0
    },
    suspect,
    close,
    [Symbol.asyncDispose]: close,
  }
}
