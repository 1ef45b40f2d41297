/** Fields of a log line; values are shown, never interpreted. */
export type LogFields = Readonly<Record<string, unknown>>

/** A structured logger, of the shape that pino and others have. */
export interface Logger {
  trace(fields: LogFields, message: string): void
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

const ignore = (): void => undefined

/** The default logger: says nothing. */
export const silentLogger: Logger = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore }
