import type { Clock, Logger, Timer } from '@ethwire/io'

/** How many lines of one kind may come in one span of time. */
interface LineLimit {
  readonly lines: number
  readonly spanMs: number
}

type LogLevel = keyof Logger

interface LineLimits {
  /** Lines that are shown to everybody. */
  readonly shown: LineLimit
  /** Those of debug and trace, which somebody asked for. */
  readonly debug: LineLimit
}

/** Bounds the lines of loggers by their kind, which is their text, whatever its fields are. */
export interface LineLimiter {
  /** `isWritten` tells which levels of the logger are written at all. */
  limit(logger: Logger, isWritten?: (level: LogLevel) => boolean): Logger
  /** Says what was left out, once more. */
  close(): void
}

export interface LineLimiterOptions {
  readonly limits?: LineLimits
  readonly clock: Pick<Clock, 'setTimer'>
}

const defaultLimits: LineLimits = {
  shown: { lines: 20, spanMs: 10_000 },
  debug: { lines: 1_000, spanMs: 10_000 },
}
/** Texts are written in programs; few have something in them that changes. */
const maxKinds = 1_024

interface Kind {
  /** In the span that runs. */
  count: number
  omitted: number
  timer: Timer
}

/**
 * What strangers can make happen, they can make happen often: of each kind the first lines of a span are written, the others
 * counted, and their number is said when the span is over.
 */
export function createLineLimiter({ limits = defaultLimits, clock }: LineLimiterOptions): LineLimiter {
  // bounded: maxKinds; a kind is there as long as its span
  const kinds = new Map<string, Kind & { readonly end: () => void }>()

  function begin(key: string, { spanMs }: LineLimit, sayOmitted: (omitted: number) => void): Kind {
    const end = (): void => {
      kinds.delete(key)
      kind.timer.cancel()
      if (kind.omitted > 0) sayOmitted(kind.omitted)
    }
    const kind = { count: 0, omitted: 0, timer: clock.setTimer(spanMs, end), end }
    if (kinds.size >= maxKinds) kinds.values().next().value?.end()
    kinds.set(key, kind)
    return kind
  }

  function limit(logger: Logger, isWritten: (level: LogLevel) => boolean = () => true): Logger {
    const limited = (level: LogLevel): Logger[LogLevel] => {
      if (!isWritten(level)) return () => undefined
      const bound = level === 'debug' || level === 'trace' ? limits.debug : limits.shown
      return (fields, message) => {
        const key = `${level} ${message}`
        const kind =
          kinds.get(key) ?? begin(key, bound, (omitted) => logger[level]({ omitted, of: message }, linesOmitted))
        kind.count += 1
        if (kind.count > bound.lines) kind.omitted += 1
        else logger[level](fields, message)
      }
    }
    return {
      ...{ trace: limited('trace'), debug: limited('debug'), info: limited('info') },
      ...{ warn: limited('warn'), error: limited('error') },
    }
  }

  return {
    limit,
    close() {
      for (const { end } of kinds.values()) end()
    },
  }
}

const linesOmitted = 'Lines of a kind were left out'
