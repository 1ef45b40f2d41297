import type { Crypto } from '@ethwire/crypto'
import { createInitiator, createRecipient, EciesError } from '@ethwire/ecies'
import type { ByteStream, Random } from '@ethwire/io'
import type { FrameSecrets } from '@ethwire/rlpx-frame'
import { P2pError } from './errors.ts'

/** What a handshake needs besides the stream. */
export interface RunHandshakeOptions {
  readonly privateKey: Uint8Array
  /** Whom we dial, 64 bytes; absent when they dialled us. */
  readonly remotePublicKey?: Uint8Array | undefined
  readonly crypto: Crypto
  readonly random: Random
}

/** What a handshake ends with. */
export interface HandshakeResult {
  readonly secrets: FrameSecrets
  readonly remotePublicKey: Uint8Array
  /** The beginning of what follows. */
  readonly rest: Uint8Array
}

/** How a server does the crypto handshake: in its own thread by default, elsewhere by an option. */
export type RunHandshake = (
  stream: ByteStream,
  reader: AsyncIterator<Uint8Array>,
  options: RunHandshakeOptions,
) => Promise<HandshakeResult>

/**
 * The RLPx handshake on a stream, in this thread. The caller sets the deadline, by aborting the stream.
 * @throws P2pError `P2P_AUTH_UNANSWERED`, `P2P_CLOSED`, `P2P_HANDSHAKE_FAILED`; every failure of keys, points and tags looks
 * the same
 */
export const runHandshake: RunHandshake = async (stream, reader, options) => {
  const { privateKey, remotePublicKey, crypto, random } = options
  const broken = (cause: unknown): never => {
    throw cause instanceof P2pError ? cause : closedEarly(remotePublicKey, cause)
  }
  try {
    const initiator =
      remotePublicKey === undefined ? undefined : createInitiator({ privateKey, remotePublicKey, crypto, random })
    const handshake = initiator ?? createRecipient({ privateKey, crypto, random })
    if (initiator !== undefined) await stream.write(initiator.start()).catch(broken)
    for (;;) {
      const next = await reader.next().catch(broken)
      if (next.done) throw closedEarly(remotePublicKey, undefined)
      const step = handshake.push(next.value)
      if (step.send !== undefined) await stream.write(step.send).catch(broken)
      if (step.state === 'done') return step
    }
  } catch (cause) {
    if (!(cause instanceof EciesError)) throw cause
    throw new P2pError('P2P_HANDSHAKE_FAILED', 'the RLPx handshake failed', { cause })
  }
}

/** A node with another key than the one dialled cannot read what it is sent, and hangs up; so does one that is busy. */
function closedEarly(dialled: Uint8Array | undefined, cause: unknown): P2pError {
  const options = cause === undefined ? {} : { cause }
  if (dialled === undefined) return new P2pError('P2P_CLOSED', 'the connection was closed in the handshake', options)
  const message =
    'the node closed the connection without an answer: is the key right? Or it refuses this address for now'
  return new P2pError('P2P_AUTH_UNANSWERED', message, options)
}
