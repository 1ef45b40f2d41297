/**
 * An SNTP client, and the check of the clock that node discovery needs.
 *
 * @module
 */
export { createDriftCheck, type DriftCheck, type DriftCheckOptions, type DriftState } from './drift-check.ts'
export { NtpError, type NtpErrorCode } from './errors.ts'
export { type MeasureDriftOptions, measureDrift } from './measure-drift.ts'
export {
  decodeSntpPacket,
  encodeSntpPacket,
  type NtpTime,
  ntpFromUnixMs,
  type SntpPacket,
  sntpPacketBytes,
  unixMsFromNtp,
} from './sntp-packet.ts'
