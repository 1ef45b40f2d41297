import type { Crypto } from '@ethwire/crypto'
import type { ByteStream, Clock, Counter, Metrics, Timer } from '@ethwire/io'
import { DisconnectReason, type Message } from '@ethwire/protocol'
import {
  createFrameDecoder,
  createFrameEncoder,
  FrameError,
  type FrameSecrets,
  maxFrameBytes,
} from '@ethwire/rlpx-frame'
import { BaseMessage, encodeDisconnect } from './base-protocol.ts'
import { P2pError } from './errors.ts'
import { MAX_HELLO_BYTES } from './hello.ts'
import { within } from './within.ts'

const READ_TIMEOUT_MS = 30_000
const WRITE_TIMEOUT_MS = 20_000
const DEADLINE_CHECK_MS = 1_000
/** How long the last words may take, writing and the other side's close together. */
const DISCONNECT_TIMEOUT_MS = 1_000
/** Messages that may wait for their turn to be written; past that a sender does not wait for its own writes. */
const MAX_WAITING_SENDS = 1024

/** Messages over an encrypted stream, with deadlines. */
export interface RlpxTransport {
  /** Sends one message; resolves when there is room for the next. Messages leave in the order of the calls. */
  send(code: number, payload: Uint8Array): Promise<void>
  /** The next message. @throws P2pError when there will be none */
  receive(): Promise<Message>
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
}

/** Makes a transport; frames are bounded for Hello until `startMessages`. */
export function createTransport(options: TransportOptions): RlpxTransport {
  const { stream, reader, clock } = options
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

  // One timer a connection looks after both deadlines: setting one for each read and write would cost more than either.
  let readingSinceMs: number | undefined
  let writingSinceMs: number | undefined
  let watch: Timer = clock.setTimer(DEADLINE_CHECK_MS, checkDeadlines)
  function checkDeadlines(): void {
    const now = clock.monotonicMs()
    const readLate = readingSinceMs !== undefined && now - readingSinceMs >= READ_TIMEOUT_MS
    const writeLate = writingSinceMs !== undefined && now - writingSinceMs >= WRITE_TIMEOUT_MS
    watch = clock.setTimer(DEADLINE_CHECK_MS, checkDeadlines)
    if (readLate || writeLate) {
      const error = new P2pError(
        'P2P_TIMEOUT',
        readLate ? 'no message was complete within 30 s' : 'a write waited for 20 s',
      )
      void transport.disconnect(DisconnectReason.Timeout, error)
    }
  }
  void stream.closed.then(() => watch.cancel())

  let turn: Promise<void> = Promise.resolve()
  let waitingSends = 0

  const writeNow = async (code: number, payload: Uint8Array): Promise<void> => {
    if (failure !== undefined) throw failure
    const frame = encoder.encode(code, payload)
    bytesSent += frame.length
    egress.add(frame.length)
    writingSinceMs = clock.monotonicMs()
    try {
      await stream.write(frame)
    } finally {
      writingSinceMs = undefined
    }
  }

  const enqueue = (code: number, payload: Uint8Array): Promise<void> => {
    if (waitingSends >= MAX_WAITING_SENDS) {
      return Promise.reject(new P2pError('P2P_BREACH', `${MAX_WAITING_SENDS} messages wait to be sent already`))
    }
    waitingSends++
    const written = turn.then(() => writeNow(code, payload))
    turn = written.then(
      () => void waitingSends--,
      () => void waitingSends--,
    )
    return written
  }

  const transport: RlpxTransport = {
    async send(code, payload) {
      if (failure !== undefined) throw failure
      await enqueue(code, payload)
    },

    async receive() {
      // The deadline is that of a whole message, as in geth: bytes that drip in do not put it off.
      readingSinceMs = clock.monotonicMs()
      try {
        for (;;) {
          if (failure !== undefined) throw failure
          const message = nextMessage()
          if (message !== undefined) return message
          decoder.push(await nextChunk())
        }
      } finally {
        readingSinceMs = undefined
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
      const farewell = async (): Promise<void> => {
        await enqueue(BaseMessage.Disconnect, encodeDisconnect(reason))
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
      watch.cancel()
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

  function nextMessage(): Message | undefined {
    try {
      const item = decoder.next()
      if (item?.kind !== 'oversized') return item
      const { code, declaredBytes } = item
      if (rules.reportsOversized(code)) return { code, payload: EMPTY, oversizedBytes: declaredBytes }
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
    const next = await reader.next()
    if (next.done) throw new P2pError('P2P_CLOSED', 'the peer closed the connection')
    bytesReceived += next.value.length
    ingress.add(next.value.length)
    return next.value
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
