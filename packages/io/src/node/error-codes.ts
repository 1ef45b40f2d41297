import { IoError, type IoErrorCode } from '../errors.ts'

/** The platform's error names and what they mean here. A name that is not listed means `IO_BROKEN`. */
const codes = new Map<string, IoErrorCode>([
  ['ECONNREFUSED', 'IO_REFUSED'],
  ['EHOSTUNREACH', 'IO_UNREACHABLE'],
  ['ENETUNREACH', 'IO_UNREACHABLE'],
  ['EHOSTDOWN', 'IO_UNREACHABLE'],
  ['ENETDOWN', 'IO_UNREACHABLE'],
  ['EADDRNOTAVAIL', 'IO_UNREACHABLE'],
  ['EAFNOSUPPORT', 'IO_UNREACHABLE'],
  ['EINVAL', 'IO_UNREACHABLE'],
  ['ETIMEDOUT', 'IO_TIMEOUT'],
  ['ETIMEOUT', 'IO_TIMEOUT'],
  ['EAI_AGAIN', 'IO_TIMEOUT'],
  ['EADDRINUSE', 'IO_ADDRESS_IN_USE'],
  ['EACCES', 'IO_DENIED'],
  ['EPERM', 'IO_DENIED'],
  ['EMFILE', 'IO_LIMIT'],
  ['ENFILE', 'IO_LIMIT'],
  ['ENOBUFS', 'IO_LIMIT'],
  ['ENOMEM', 'IO_LIMIT'],
  ['EMSGSIZE', 'IO_LIMIT'],
  ['ENOTFOUND', 'IO_NAME_NOT_FOUND'],
  ['ENODATA', 'IO_NAME_NOT_FOUND'],
  ['EBADNAME', 'IO_NAME_NOT_FOUND'],
  ['ERR_STREAM_DESTROYED', 'IO_CLOSED'],
  ['ERR_STREAM_WRITE_AFTER_END', 'IO_CLOSED'],
  ['ERR_SOCKET_CLOSED', 'IO_CLOSED'],
  ['ERR_SOCKET_DGRAM_NOT_RUNNING', 'IO_CLOSED'],
])

/** The platform's error as an {@link IoError}; one that is already such passes through. */
export function toIoError(error: unknown, doing: string): IoError {
  if (error instanceof IoError) return error
  const name = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return new IoError(codes.get(name) ?? 'IO_BROKEN', `${doing}: ${name}`, { cause: error })
}
