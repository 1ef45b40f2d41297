import type { BindDatagram, Datagram, DatagramSocket, Resolver, SocketEndpoint } from '@ethwire/io'
import { IoError } from '@ethwire/io'
import { decodeSntpPacket, encodeSntpPacket, ntpFromUnixMs, type SntpPacket } from '../src/index.ts'

export const timeServerName = 'time.test'

/** What a server does with a question: the packets that it sends, and from where. */
export type Behaviour = (
  answer: SntpPacket,
  question: number,
) => readonly (SntpPacket | Uint8Array | { bytes: Uint8Array; by: 'stranger' })[]

export interface TimeServer {
  readonly local: SocketEndpoint
  /** Questions as they came. */
  readonly questions: readonly SntpPacket[]
  close(): Promise<void>
}

/** An SNTP server that goes by `trueMs`, and behaves well unless told otherwise. */
export async function startTimeServer(options: {
  bind: BindDatagram
  ip?: string
  port?: number
  trueMs: () => number
  behaviour?: Behaviour
}): Promise<TimeServer> {
  const { bind, ip = '127.0.0.1', port = 0, trueMs, behaviour = (answer) => [answer] } = options
  const socket = await bind({ ip, port })
  const stranger = await bind({ ip, port: 0 })
  const questions: SntpPacket[] = []
  const serving = serve(socket, stranger, questions, trueMs, behaviour)
  return {
    local: socket.local,
    questions,
    async close() {
      await Promise.all([socket.close(), stranger.close()])
      await serving
    },
  }
}

async function serve(
  socket: DatagramSocket,
  stranger: DatagramSocket,
  questions: SntpPacket[],
  trueMs: () => number,
  behaviour: Behaviour,
): Promise<void> {
  for await (const { bytes, from } of socket as AsyncIterable<Datagram>) {
    const question = decodeSntpPacket(bytes)
    if (question?.mode !== 3) continue
    questions.push(question)
    const time = ntpFromUnixMs(trueMs())
    const answer: SntpPacket = {
      ...question,
      mode: 4,
      stratum: 2,
      precision: -20,
      rootDelayMs: 15,
      rootDispersionMs: 30,
      referenceTime: ntpFromUnixMs(trueMs() - 60_000),
      originTime: question.transmitTime,
      receiveTime: time,
      transmitTime: time,
    }
    for (const sent of behaviour(answer, questions.length - 1)) {
      if (sent instanceof Uint8Array) await socket.send(sent, from)
      else if ('by' in sent) await stranger.send(sent.bytes, from)
      else await socket.send(encodeSntpPacket(sent), from)
    }
  }
}

/** Knows `time.test` alone. */
export const resolverTo = (...addresses: string[]): Resolver => ({
  async addresses(name) {
    if (name !== timeServerName) throw new IoError('IO_NAME_NOT_FOUND', `${name} has no address`)
    return addresses
  },
  texts: async () => [],
})
