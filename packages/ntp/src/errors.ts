/**
 * `NTP_UNREACHABLE`: the server's name has no address, nothing can be sent there, or the socket broke; `cause` says why · `NTP_NO_ANSWER`: none
 * in time that was to our question · `NTP_REFUSED`: the server does not want to be asked (a kiss-o'-death packet) ·
 * `NTP_UNSET`: the server's own clock is not set · `NTP_INVALID`: an answer that cannot be.
 */
export type NtpErrorCode = 'NTP_UNREACHABLE' | 'NTP_NO_ANSWER' | 'NTP_REFUSED' | 'NTP_UNSET' | 'NTP_INVALID'

/** Why a time server did not tell the time; `code` says why. */
export class NtpError extends Error {
  readonly code: NtpErrorCode

  constructor(code: NtpErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'NtpError'
    this.code = code
  }
}
