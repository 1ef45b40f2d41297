import type { Crypto } from '@ethwire/crypto'
import type { ByteStream, Clock, Counter, Metrics } from '@ethwire/io'
import { DisconnectReason, type Message } from '@ethwire/protocol'
import {
  createFrameDecoder,
  createFrameEncoder,
  FrameError,
  type FrameSecrets,
  maxFrameBytes,
} from '@ethwire/rlpx-frame'
import type { Allowance } from './allowance.ts'
import { BaseMessage, encodeDisconnect } from './base-protocol.ts'
import { createDeadlines } from './deadlines.ts'
import { P2pError, streamError } from './errors.ts'
import { BASE_LANE, createFairWriter } from './fair-writer.ts'
import { MAX_HELLO_BYTES } from './hello.ts'
import { createPacedWriter } from './paced-writer.ts'
import type { Turnstile } from './turnstile.ts'
import { within } from './within.ts'

/** How long the last words may take, writing and the other side's close together. */
const DISCONNECT_TIMEOUT_MS = 1_000

/** Who has sent no more than this waits for nobody. */
const PROMPT_BYTES = 2048

/** A message as it came, its code from 0 of the base protocol on. */
export interface WireMessage extends Message {
  /** Of its whole frame. */
  readonly wireBytes: number
}

/** Messages over an encrypted stream, with deadlines. */
export interface RlpxTransport {
  /**
   * Sends one message; resolves when there is room for the next, with the bytes that it took. Messages of one lane leave in
   * the order of the calls, lanes take turns: 0 is the base protocol's, which goes before all others.
   */
  send(code: number, payload: Uint8Array, lane?: number): Promise<number>
  /** The next message. @throws P2pError when there will be none */
  receive(): Promise<WireMessage>
  /** Once both hellos are there: what follows is compressed, a Disconnect too (EIP-706). */
  enableSnappy(): void
  /** For an admitted peer: larger frames, each message within the bound of its code. */
  startMessages(rules: MessageRules): void
  /** Sends Disconnect, gives the other side a moment to read it, closes. Never rejects; idempotent. */
  disconnect(reason: number, error: P2pError): Promise<void>
  /** Closes at once. Idempotent. */
  abort(error: P2pError): void
  /** Resolves when the stream is closed both ways. */
  readonly closed: Promise<unknown>
  readonly bytesReceived: number
  readonly bytesSent: number
}

/** What holds for messages after hello. */
export interface MessageRules {
  /** The most bytes that a message of this code may have, inflated. */
  maxMessageBytes(code: number): number
  /** Whether a larger one is dropped and reported, instead of ending the connection. */
  reportsOversized(code: number): boolean
  /** Told how many bytes wait for the rest of their frame, whenever that has changed. */
  onBuffered?(bytes: number): void
}

/** What a transport is made of: the stream, its reader, and what the crypto handshake left. */
export interface TransportOptions {
  readonly stream: ByteStream
  readonly reader: AsyncIterator<Uint8Array>
  readonly secrets: FrameSecrets
  /** Bytes that came after the handshake in its last chunk. */
  readonly rest: Uint8Array
  readonly crypto: Crypto
  readonly clock: Clock
  readonly metrics: Metrics
  /** What messages after hello have to stay within; what comes and goes before is charged. */
  readonly upload?: Allowance | undefined
  readonly download?: Allowance | undefined
  /** Where messages wait for their turn to be read when there are many. */
  readonly turnstile?: Turnstile | undefined
}

/** Makes what speaks over a stream once the crypto handshake is done. */
export type NewTransport = (options: TransportOptions) => RlpxTransport

/** Makes a transport; frames are bounded for Hello until `startMessages`. */
export const createTransport: NewTransport = (options) => {
  const { stream, reader, clock, upload, download } = options
  const encoder = createFrameEncoder({ secrets: options.secrets, crypto: options.crypto })
  let rules: MessageRules = helloRules
  const decoder = createFrameDecoder({
    secrets: options.secrets,
    crypto: options.crypto,
    maxFrameBytes: MAX_HELLO_BYTES,
    maxMessageBytes: (code) => rules.maxMessageBytes(code),
  })
  const ingress: Counter = options.metrics.counter('p2p/ingress')
  const egress: Counter = options.metrics.counter('p2p/egress')
  let bytesReceived = options.rest.length
  let bytesSent = 0
  let rest: Uint8Array | undefined = options.rest
  let failure: P2pError | undefined
  let closing = false

  const deadlines = createDeadlines(clock, (rule) => {
    const message = rule === 'read-deadline' ? 'no message was complete within 30 s' : 'a write waited for 20 s'
    void transport.disconnect(DisconnectReason.Timeout, new P2pError('P2P_TIMEOUT', message, { rule }))
  })
  void stream.closed.then(deadlines.close)

  const paced = createPacedWriter(clock, upload, async (bytes) => {
    bytesSent += bytes.length
    egress.add(bytes.length)
    deadlines.writing()
    try {
      await stream.write(bytes).catch((cause: unknown) => {
        throw streamError(cause)
      })
    } finally {
      deadlines.written()
    }
  })
  const writer = createFairWriter({
    allowance: upload,
    isHeldBack: () => paced.isHeldBack,
    async write(code, payload, written) {
      if (failure !== undefined) throw failure
      const frame = encoder.encode(code, payload)
      written(frame.length)
      await paced.write(frame)
    },
  })
  let stopWaiting: (() => void) | undefined

  const transport: RlpxTransport = {
    async send(code, payload, lane = BASE_LANE) {
      if (failure !== undefined) throw failure
      const sent = writer.send(lane, code, payload)
      if (sent === undefined)
        throw new P2pError('P2P_BREACH', 'too much waits to be sent already', { rule: 'send-queue' })
      return await sent
    },

    async receive() {
      deadlines.reading()
      try {
        for (;;) {
          if (failure !== undefined) throw failure
          const turn = decoder.bufferedBytes > PROMPT_BYTES ? options.turnstile?.turn() : undefined
          if (turn !== undefined) await myTurn(turn)
          const message = nextMessage()
          rules.onBuffered?.(decoder.bufferedBytes)
          if (message !== undefined) {
            options.turnstile?.pass(message.payload.length)
            return message
          }
          // Only a part of one: whoever is next need not wait until the event loop has been round.
          if (turn !== undefined) options.turnstile?.pass(0)
          decoder.push(await nextChunk())
        }
      } finally {
        deadlines.read()
      }
    },

    enableSnappy() {
      encoder.enableSnappy()
      decoder.enableSnappy()
    },

    startMessages(messageRules) {
      rules = messageRules
      decoder.setMaxFrameBytes(maxFrameBytes)
    },

    async disconnect(reason, error) {
      if (closing) return
      closing = true
      // Nothing that is still incomplete will be looked at.
      decoder.close()
      const farewell = async (): Promise<void> => {
        const finished = writer.finish(BaseMessage.Disconnect, encodeDisconnect(reason), error)
        paced.hurry()
        await finished
        failure = error
        await stream.end()
        // What still comes is read and thrown away: closing on unread bytes would reset the connection, and the reset
        // could overtake the reason.
        for (let next = await reader.next(); !next.done; next = await reader.next());
      }
      await within(clock, DISCONNECT_TIMEOUT_MS, farewell())
      transport.abort(error)
    },

    abort(error) {
      failure ??= error
      closing = true
      deadlines.close()
      writer.fail(failure)
      paced.hurry()
      stopWaiting?.()
      decoder.close()
      stream.abort(error)
    },

    closed: stream.closed,
    get bytesReceived() {
      return bytesReceived
    },
    get bytesSent() {
      return bytesSent
    },
  }

  function nextMessage(): WireMessage | undefined {
    try {
      const item = decoder.next()
      if (item?.kind !== 'oversized') return item
      const { code, declaredBytes, wireBytes } = item
      if (rules.reportsOversized(code)) return { code, payload: EMPTY, oversizedBytes: declaredBytes, wireBytes }
      throw new P2pError('P2P_BREACH', `a message of ${declaredBytes} bytes is over its limit`)
    } catch (error) {
      throw frameError(error)
    }
  }

  async function nextChunk(): Promise<Uint8Array> {
    if (rest !== undefined && rest.length > 0) {
      const first = rest
      rest = undefined
      return first
    }
    if (download !== undefined && rules !== helloRules) await readyToRead(download)
    const next = await reader.next().catch((cause: unknown) => {
      throw streamError(cause)
    })
    if (next.done) throw new P2pError('P2P_CLOSED', 'the peer closed the connection')
    bytesReceived += next.value.length
    ingress.add(next.value.length)
    download?.charge(next.value.length)
    return next.value
  }

  /** Others are before it. That is no delay of the peer's. */
  async function myTurn(turn: Promise<void>): Promise<void> {
    const resume = deadlines.pauseReading()
    await turn
    resume()
  }

  /** Waits until more may be read. That is no delay of the peer's. */
  async function readyToRead(allowance: Allowance): Promise<void> {
    const resume = deadlines.pauseReading()
    await new Promise<void>((resolve) => {
      const stop = allowance.whenReady(resolve)
      stopWaiting = () => {
        stop()
        resolve()
      }
    })
    stopWaiting = undefined
    resume()
    if (failure !== undefined) throw failure
  }

  return transport
}

const EMPTY = new Uint8Array(0)

const helloRules: MessageRules = {
  maxMessageBytes: () => MAX_HELLO_BYTES,
  reportsOversized: () => false,
}

function frameError(error: unknown): unknown {
  if (!(error instanceof FrameError)) return error
  return new P2pError(error.code === 'FRAME_MAC' ? 'P2P_MAC' : 'P2P_BREACH', error.message, { cause: error })
}
