import {
  type BindDatagram,
  type Clock,
  type DatagramSocket,
  type Random,
  randomInteger,
  type SocketEndpoint,
} from '@ethwire/io'
import { withDeadline } from './deadline.ts'
import { NtpError } from './errors.ts'
import { decodeSntpPacket, encodeSntpPacket, type NtpTime, type SntpPacket, unixMsFromNtp } from './sntp-packet.ts'

/** How one question is put. */
export interface SntpExchange {
  readonly server: SocketEndpoint
  readonly bind: BindDatagram
  readonly clock: Clock
  readonly random: Random
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

const version = 4
/** Packets that are no answer to us, before we give up on a port that somebody floods. */
const maxStrangers = 64
/** RFC 4330, section 5: a server that is further from the true time is not to be asked. */
const maxRootMs = 1000
/** What a server's own clocks may differ between receiving and sending, beyond the time that we waited. */
const slackMs = 1000
const noReference = new Uint8Array(4)

/**
 * Asks a server once (RFC 4330, section 5), by a socket of its own.
 *
 * @returns by how many milliseconds our wall clock is ahead of the server's; negative when it is behind
 * @throws NtpError, and the signal's reason when that aborts
 */
export async function askForDrift(exchange: SntpExchange): Promise<number> {
  const { server, bind, clock, random, timeoutMs, signal } = exchange
  const what = `time server ${server.ip} port ${server.port}`
  const socket = await bind({ ip: server.ip.includes(':') ? '::' : '0.0.0.0', port: 0 }).catch((cause: unknown) => {
    throw new NtpError('NTP_UNREACHABLE', `${what}: cannot bind a socket`, { cause })
  })
  try {
    return await withDeadline({ clock, timeoutMs, what, signal }, async (until) => {
      // A number nobody can guess, in the place of our time, which is nobody's business: a forged answer has not got it.
      const nonce = (BigInt(randomInteger(random, 2 ** 32)) << 32n) | BigInt(randomInteger(random, 2 ** 32))
      const sentMs = clock.now()
      const started = clock.monotonicMs()
      await socket.send(encodeSntpPacket(request(nonce)), server).catch((cause: unknown) => {
        throw new NtpError('NTP_UNREACHABLE', `${what}: cannot send`, { cause })
      })
      const answer = await answerTo(nonce, socket, server, what, until)
      // Not the wall clock: it may have been set meanwhile.
      return drift(answer, sentMs, clock.monotonicMs() - started, what)
    })
  } finally {
    await socket.close()
  }
}

function request(nonce: NtpTime): SntpPacket {
  return {
    leap: 0,
    version,
    mode: 3,
    stratum: 0,
    poll: 0,
    precision: 0,
    rootDelayMs: 0,
    rootDispersionMs: 0,
    referenceId: noReference,
    referenceTime: 0n,
    originTime: 0n,
    receiveTime: 0n,
    transmitTime: nonce,
  }
}

/** The first packet that is the server's and answers this question. What else arrives is passed over. */
async function answerTo(
  nonce: NtpTime,
  socket: DatagramSocket,
  server: SocketEndpoint,
  what: string,
  until: AbortSignal,
): Promise<SntpPacket> {
  let strangers = 0
  try {
    for await (const { bytes, from } of socket) {
      if (until.aborted) break
      const packet = from.ip === server.ip && from.port === server.port ? decodeSntpPacket(bytes) : undefined
      if (packet?.mode === 4 && packet.originTime === nonce) return packet
      if (++strangers === maxStrangers) break
    }
  } catch (cause) {
    throw new NtpError('NTP_UNREACHABLE', `${what}: the socket broke`, { cause })
  }
  throw new NtpError('NTP_NO_ANSWER', `${what}: ${strangers} packets, none of them the answer`)
}

function drift(answer: SntpPacket, sentMs: number, elapsedMs: number, what: string): number {
  if (answer.stratum === 0) {
    const code = String.fromCharCode(...answer.referenceId)
    throw new NtpError('NTP_REFUSED', `${what} refuses: ${/^[A-Z]{3,4}\0?$/.test(code) ? code.slice(0, 4) : 'no code'}`)
  }
  if (answer.leap === 3 || answer.stratum > 15) throw new NtpError('NTP_UNSET', `${what}: its own clock is not set`)
  const { rootDelayMs, rootDispersionMs, receiveTime, transmitTime } = answer
  const receivedMs = unixMsFromNtp(receiveTime)
  const answeredMs = unixMsFromNtp(transmitTime)
  const isPossible =
    (answer.version === 3 || answer.version === version) &&
    rootDelayMs >= 0 &&
    rootDelayMs < maxRootMs &&
    rootDispersionMs < maxRootMs &&
    receiveTime !== 0n &&
    transmitTime !== 0n &&
    answeredMs >= receivedMs &&
    answeredMs - receivedMs <= elapsedMs + slackMs
  if (!isPossible) throw new NtpError('NTP_INVALID', `${what}: an answer that cannot be`)
  return (sentMs - receivedMs + (sentMs + elapsedMs) - answeredMs) / 2
}
