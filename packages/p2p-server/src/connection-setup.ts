import type { Crypto } from '@ethwire/crypto'
import { equalBytes } from '@ethwire/crypto'
import { type ByteStream, type Clock, type Metrics, onAbort, type Random } from '@ethwire/io'
import { describeDisconnectReason } from '@ethwire/protocol'
import { RlpError } from '@ethwire/rlp-codec'
import type { Refusal } from './admission.ts'
import type { Allowance } from './allowance.ts'
import { BaseMessage, decodeDisconnect } from './base-protocol.ts'
import type { RunHandshake } from './crypto-handshake.ts'
import { P2pError, toP2pError } from './errors.ts'
import { decodeHello, encodeHello, type Hello } from './hello.ts'
import { createTransport, type NewTransport, type RlpxTransport } from './transport.ts'
import type { Turnstile } from './turnstile.ts'

/** One deadline over the crypto handshake and hello: who is slow in either holds a place that others need. */
const SETUP_TIMEOUT_MS = 5_000

/** The version of the base protocol from which on messages after hello are compressed (EIP-706). */
const SNAPPY_SINCE = 5

/** What both ways of connecting need. */
export interface SetupOptions {
  readonly privateKey: Uint8Array
  readonly localHello: Hello
  /** Whom we dial, 64 bytes; absent when they dialled us. */
  readonly remotePublicKey?: Uint8Array | undefined
  readonly crypto: Crypto
  readonly random: Random
  readonly clock: Clock
  readonly metrics: Metrics
  readonly runHandshake: RunHandshake
  readonly newTransport?: NewTransport
  readonly upload?: Allowance | undefined
  readonly download?: Allowance | undefined
  readonly turnstile?: Turnstile | undefined
  /** Ends the setup early. */
  readonly signal?: AbortSignal | undefined
  /** Asked once the remote key is proved, before hello. */
  readonly admit?: (remotePublicKey: Uint8Array) => Refusal | undefined
}

/** A connection whose two sides know each other. */
export interface SetUpConnection {
  readonly transport: RlpxTransport
  readonly hello: Hello
  readonly remotePublicKey: Uint8Array
}

/**
 * Crypto handshake, then hello both ways, all within 5 s. When it fails, the stream is closed, after Disconnect where
 * the other side can read one.
 * @throws P2pError
 */
export async function setUpConnection(stream: ByteStream, options: SetupOptions): Promise<SetUpConnection> {
  const { clock, signal, admit, newTransport = createTransport } = options
  let transport: RlpxTransport | undefined
  let interruption: P2pError | undefined
  const interrupt = (error: P2pError): void => {
    interruption ??= error
    if (transport !== undefined && error.reason !== undefined) void transport.disconnect(error.reason, error)
    else stream.abort(error)
  }
  const timer = clock.setTimer(SETUP_TIMEOUT_MS, () =>
    interrupt(new P2pError('P2P_TIMEOUT', `no hello within ${SETUP_TIMEOUT_MS} ms`, { rule: 'setup-deadline' })),
  )
  const forget = signal && onAbort(signal, () => interrupt(givenUp(signal)))

  try {
    if (signal?.aborted) interrupt(givenUp(signal))
    const reader = stream[Symbol.asyncIterator]()
    const handshake = await options.runHandshake(stream, reader, options)
    const { remotePublicKey } = handshake
    transport = newTransport({ ...options, ...handshake, stream, reader })
    if (interruption !== undefined) throw interruption
    const refused = admit?.(remotePublicKey)
    if (refused !== undefined) throw refusal(refused)

    // Both sides send hello at once; neither waits for the other's.
    const sent = transport.send(BaseMessage.Hello, encodeHello(options.localHello))
    sent.catch(() => undefined)
    const hello = await receiveHello(transport)
    await sent
    if (hello.protocolVersion >= SNAPPY_SINCE) transport.enableSnappy()
    if (!equalBytes(hello.publicKey, remotePublicKey)) {
      throw new P2pError('P2P_UNEXPECTED_IDENTITY', 'hello names another key than the handshake proved')
    }
    return { transport, hello, remotePublicKey }
  } catch (cause) {
    const error = interruption ?? setupError(cause)
    if (transport !== undefined && error.code !== 'P2P_DISCONNECTED' && error.reason !== undefined) {
      void transport.disconnect(error.reason, error)
    } else {
      stream.abort(error)
    }
    throw error
  } finally {
    timer.cancel()
    forget?.()
  }
}

async function receiveHello(transport: RlpxTransport): Promise<Hello> {
  const { code, payload } = await transport.receive()
  if (code === BaseMessage.Disconnect) {
    const reason = decodeDisconnect(payload)
    throw new P2pError('P2P_DISCONNECTED', `the peer says: ${describeDisconnectReason(reason)}`, { reason })
  }
  if (code !== BaseMessage.Hello) throw new P2pError('P2P_BREACH', `expected hello, got message code ${code}`)
  try {
    return decodeHello(payload)
  } catch (error) {
    // Who sent it has our hello by now and takes what follows for compressed: the Disconnect for this must be, too.
    transport.enableSnappy()
    throw error
  }
}

/** What a connection that is not admitted ends with. */
export function refusal({ rule, reason }: Refusal): P2pError {
  return new P2pError('P2P_REFUSED', `refused: ${describeDisconnectReason(reason)} (${rule})`, { reason, rule })
}

/** What a connection ends with whose signal has aborted: the signal's own reason, where that says what the peer is told. */
export function givenUp(signal: AbortSignal | undefined): P2pError {
  const cause: unknown = signal?.reason
  if (cause instanceof P2pError) return cause
  return new P2pError('P2P_REQUESTED', 'the connection was given up', { cause })
}

function setupError(cause: unknown): P2pError {
  if (cause instanceof RlpError) return new P2pError('P2P_BREACH', `hello can't be read: ${cause.message}`, { cause })
  return toP2pError(cause)
}
