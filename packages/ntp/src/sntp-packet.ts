/** A point in time as NTP has it: seconds since 1900 in the upper 32 bits, their fractions in the lower; 0 is "not known". */
export type NtpTime = bigint

/** The fields of an SNTP packet (RFC 4330, section 4). */
export interface SntpPacket {
  /** 0 to 2: of the last minute of the day; 3: this server's own clock is not set. */
  readonly leap: number
  /** 1 to 4; 0 to 7 fit. */
  readonly version: number
  /** 3 of a client, 4 of a server. */
  readonly mode: number
  /** 1 of a server with a clock of its own, up to 15 of those that follow; 0: a refusal, `referenceId` says which. */
  readonly stratum: number
  /** The longest time between two questions, as a power of two in seconds. */
  readonly poll: number
  /** How exact the server's clock is, as a power of two in seconds. */
  readonly precision: number
  /** There and back to the clock that all follow. In steps of 1/65,536 s, as all that is called short. */
  readonly rootDelayMs: number
  readonly rootDispersionMs: number
  /** 4 bytes. */
  readonly referenceId: Uint8Array
  readonly referenceTime: NtpTime
  /** What the request had as `transmitTime`. */
  readonly originTime: NtpTime
  readonly receiveTime: NtpTime
  readonly transmitTime: NtpTime
}

/** What every packet has; extensions and signatures may follow. */
export const sntpPacketBytes = 48

/** Seconds from 1900 to 1970. */
const unixEpoch = 2_208_988_800
const fractions = 2 ** 32
const shortUnit = 65_536 / 1000

/** Unix time in milliseconds as NTP has it. From 1968 to 2104 `unixMsFromNtp` gives it back. */
export function ntpFromUnixMs(unixMs: number): NtpTime {
  const seconds = Math.floor(unixMs / 1000)
  const fraction = Math.floor(((unixMs - seconds * 1000) / 1000) * fractions)
  // Added, not put beside: rounding can make the fraction a whole second.
  return BigInt.asUintN(64, (BigInt(seconds + unixEpoch) << 32n) + BigInt(fraction))
}

/** Unix time in milliseconds. The seconds began anew in 2036: small ones are of then (RFC 4330, section 3). */
export function unixMsFromNtp(time: NtpTime): number {
  const seconds = Number(time >> 32n)
  const fraction = Number(BigInt.asUintN(32, time))
  const sinceUnix = seconds - unixEpoch + (seconds < 2 ** 31 ? 2 ** 32 : 0)
  return sinceUnix * 1000 + (fraction * 1000) / fractions
}

/**
 * Writes a packet, 48 bytes.
 *
 * @throws RangeError for a field that does not fit
 */
export function encodeSntpPacket(packet: SntpPacket): Uint8Array {
  check('leap', packet.leap, 0, 3)
  check('version', packet.version, 0, 7)
  check('mode', packet.mode, 0, 7)
  check('stratum', packet.stratum, 0, 255)
  check('poll', packet.poll, -128, 127)
  check('precision', packet.precision, -128, 127)
  check('the length of referenceId', packet.referenceId.length, 4, 4)
  const rootDelay = Math.round(packet.rootDelayMs * shortUnit)
  const rootDispersion = Math.round(packet.rootDispersionMs * shortUnit)
  check('rootDelayMs', rootDelay, -(2 ** 31), 2 ** 31 - 1)
  check('rootDispersionMs', rootDispersion, 0, 2 ** 32 - 1)

  const bytes = new Uint8Array(sntpPacketBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, (packet.leap << 6) | (packet.version << 3) | packet.mode)
  view.setUint8(1, packet.stratum)
  view.setInt8(2, packet.poll)
  view.setInt8(3, packet.precision)
  view.setInt32(4, rootDelay)
  view.setUint32(8, rootDispersion)
  bytes.set(packet.referenceId, 12)
  for (const [index, name] of timeFields.entries()) {
    const time = packet[name]
    if (BigInt.asUintN(64, time) !== time) throw new RangeError(`${name} does not fit into 64 bits`)
    view.setBigUint64(16 + 8 * index, time)
  }
  return bytes
}

/** Reads a packet; what follows its 48 bytes is left alone. `undefined` when there are fewer. */
export function decodeSntpPacket(bytes: Uint8Array): SntpPacket | undefined {
  if (bytes.length < sntpPacketBytes) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, sntpPacketBytes)
  const first = view.getUint8(0)
  return {
    leap: first >> 6,
    version: (first >> 3) & 7,
    mode: first & 7,
    stratum: view.getUint8(1),
    poll: view.getInt8(2),
    precision: view.getInt8(3),
    rootDelayMs: view.getInt32(4) / shortUnit,
    rootDispersionMs: view.getUint32(8) / shortUnit,
    referenceId: bytes.slice(12, 16),
    referenceTime: view.getBigUint64(16),
    originTime: view.getBigUint64(24),
    receiveTime: view.getBigUint64(32),
    transmitTime: view.getBigUint64(40),
  }
}

const timeFields = ['referenceTime', 'originTime', 'receiveTime', 'transmitTime'] as const

function check(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} cannot be ${value}`)
  }
}
