import type { Clock, Logger } from '@ethwire/io'
import { type DestinationStream, destination, type LevelWithSilent, type Logger as PinoLogger, pino } from 'pino'
import { createDebugFilter, type DebugPart } from './debug-filter.ts'
import { escapeControls } from './escape-controls.ts'
import { createLineLimiter } from './line-limit.ts'

/** geth's verbosity, 0 to 5, as pino's levels. */
const levels: readonly LevelWithSilent[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace']

export interface LogOptions {
  /** 0 crit, 1 error, 2 warn, 3 info, 4 debug, 5 trace. */
  readonly verbosity: number
  /** For people, in colour; else one JSON object a line. */
  readonly pretty: boolean
  /** Where pretty lines go; standard error if absent, as with geth. */
  readonly write?: ((line: string) => void) | undefined
  /** Parts whose debug lines are written at any verbosity, as `createDebugFilter` reads them. */
  readonly debug?: string | undefined
  readonly clock: Pick<Clock, 'setTimer'>
}

/** The program's log. */
export interface NodeLogger extends Logger {
  /** For the lines of a part, of which more may be wanted than of the others. */
  of(part: DebugPart): Logger
  /** Says what was left out of late. */
  close(): void
}

/**
 * Lines are written synchronously: the last ones before an exit are the ones that matter. What they hold may come from
 * strangers: it is escaped and cut, and of each kind only so many are written, see `createLineLimiter`.
 */
export async function createLogger(options: LogOptions): Promise<NodeLogger> {
  const { verbosity, pretty, write, debug, clock } = options
  const stream = pretty ? await prettyStream(write) : plainStream()
  const root = pino({ level: levels[verbosity] ?? 'info', base: null, formatters: { log: showFields } }, stream)
  const limiter = createLineLimiter({ clock })
  const isWanted = createDebugFilter(debug)
  const limited = (logger: PinoLogger): Logger => limiter.limit(logger, (level) => logger.isLevelEnabled(level))
  const logger = limited(root)
  return {
    ...logger,
    of: (part) => (isWanted(part) ? limited(root.child({ ns: `ethwire:${part}` }, { level: 'trace' })) : logger),
    close: limiter.close,
  }
}

/** Where nobody reads the log, or a disk is full of it, lines are lost, and nothing else: nobody is left to be told. */
function plainStream(): DestinationStream {
  const stream = destination({ fd: 2, sync: true })
  stream.on('error', () => undefined)
  return stream
}

async function prettyStream(write: LogOptions['write']): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty')
  const prettify = prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    errorLikeObjectKeys: [],
  })
  const out = write ?? ((line: string) => process.stderr.write(line))
  return { write: (line) => void out(prettify(line)) }
}

/** Names and messages of peers end up here: what could steer a terminal is escaped, what is long is cut. */
function showFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, showValue(value, maxShownDepth)]))
}

const maxShownBytes = 500
const maxShownItems = 50
const maxShownDepth = 3

function showValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return escapeControls(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array)
    return escapeControls(`0x${Buffer.from(value.subarray(0, maxShownBytes)).toString('hex')}`)
  if (value instanceof Error) return describeError(value)
  if (depth === 0) return '…'
  if (Array.isArray(value)) return value.slice(0, maxShownItems).map((item) => showValue(item, depth - 1))
  const entries = Object.entries(value).slice(0, maxShownItems)
  return Object.fromEntries(entries.map(([key, item]) => [escapeControls(key), showValue(item, depth - 1)]))
}

function describeError(error: Error): string {
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : ''
  return escapeControls(`${code}${error.message}${cause}`)
}
