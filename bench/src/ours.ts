import type { Crypto } from '@ethwire/crypto'
import { createInitiator, createRecipient, type HandshakeDone, type HandshakeStep } from '@ethwire/ecies'
import { nodeRandom } from '@ethwire/io/node'
import { createFrameDecoder, createFrameEncoder, type FrameDecoder, type FrameEncoder } from '@ethwire/rlpx-frame'

/** Both ends of a connection whose handshake is done. */
export interface ShakenPair {
  readonly dialled: HandshakeDone
  readonly dialling: HandshakeDone
}

/** Makes both sides' state machines shake hands. */
export function createHandshake(crypto: Crypto): () => ShakenPair {
  const random = nodeRandom
  const [ourKey, theirKey] = [nodeRandom.bytes(32), nodeRandom.bytes(32)]
  const remotePublicKey = crypto.publicKey(theirKey)
  return () => {
    const initiator = createInitiator({ privateKey: ourKey, remotePublicKey, crypto, random })
    const recipient = createRecipient({ privateKey: theirKey, crypto, random })
    const dialled = done(recipient.push(initiator.start()))
    const dialling = done(initiator.push(dialled.send ?? new Uint8Array()))
    return { dialling, dialled }
  }
}

export interface FrameOptions {
  readonly code: number
  readonly payload: Uint8Array
  readonly snappy: boolean
  readonly crypto: Crypto
}

/** An encoder and the decoder that understands it. */
export function createFramePair({ crypto, snappy }: Pick<FrameOptions, 'crypto' | 'snappy'>): {
  encoder: FrameEncoder
  decoder: FrameDecoder
} {
  const { dialling, dialled } = createHandshake(crypto)()
  const encoder = createFrameEncoder({ secrets: dialling.secrets, crypto })
  const decoder = createFrameDecoder({ secrets: dialled.secrets, crypto, maxFrameBytes: 2 ** 24 - 1 })
  if (snappy) {
    encoder.enableSnappy()
    decoder.enableSnappy()
  }
  return { encoder, decoder }
}

/** Writes and reads one frame after the other. */
export function createFrames(options: FrameOptions): () => void {
  const { code, payload } = options
  const { encoder, decoder } = createFramePair(options)
  return () => {
    decoder.push(encoder.encode(code, payload))
    const message = decoder.next()
    if (message?.kind !== 'message' || message.code !== code || message.payload.length !== payload.length) {
      throw new Error('another message came than was sent')
    }
  }
}

function done(step: HandshakeStep): HandshakeDone {
  if (step.state !== 'done') throw new Error('the handshake is not done')
  return step
}
