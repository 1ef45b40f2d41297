/**
 * `IO_CLOSED`: used after close · `IO_BROKEN`: the other side or the network ended it · `IO_DENIED`: the machine's own
 * rules forbid it · `IO_LIMIT`: too many of something, or too big · the rest as named.
 */
export type IoErrorCode =
  | 'IO_CLOSED'
  | 'IO_BROKEN'
  | 'IO_REFUSED'
  | 'IO_UNREACHABLE'
  | 'IO_TIMEOUT'
  | 'IO_ADDRESS_IN_USE'
  | 'IO_DENIED'
  | 'IO_LIMIT'
  | 'IO_NAME_NOT_FOUND'

/** What went wrong between this machine and another; `cause` has the platform's own error. */
export class IoError extends Error {
  readonly code: IoErrorCode

  constructor(code: IoErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'IoError'
    this.code = code
  }
}
