import { pureCrypto } from '@ethwire/crypto'
import {
  createFrameDecoder,
  createFrameEncoder,
  type FrameDecoder,
  type FrameDecoderOptions,
  type FrameEncoder,
  type FrameSecrets,
  maxFrameBytes,
  type OversizedMessage,
  type ReceivedMessage,
} from '../src/index.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** The secrets of the vectors; the receiving side's are their mirror. */
export const senderSecrets: FrameSecrets = {
  aesKey: pureCrypto.keccak256(text('aes')),
  macKey: pureCrypto.keccak256(text('mac')),
  egressMacSeed: text('egress seed'),
  ingressMacSeed: text('ingress seed'),
}

export const receiverSecrets: FrameSecrets = {
  ...senderSecrets,
  egressMacSeed: senderSecrets.ingressMacSeed,
  ingressMacSeed: senderSecrets.egressMacSeed,
}

/** Both ends of one direction. */
export function pair(options: Partial<FrameDecoderOptions> = {}): { encoder: FrameEncoder; decoder: FrameDecoder } {
  return {
    encoder: createFrameEncoder({ secrets: senderSecrets, crypto: options.crypto, snappy: options.snappy }),
    decoder: createFrameDecoder({ secrets: receiverSecrets, maxFrameBytes, ...options }),
  }
}

/** All that is complete. */
export function drain(decoder: FrameDecoder): (ReceivedMessage | OversizedMessage)[] {
  const messages: (ReceivedMessage | OversizedMessage)[] = []
  for (let message = decoder.next(); message; message = decoder.next()) messages.push(message)
  return messages
}

/** A frame with a true MAC and any content, as a hostile peer can make it: it has the keys. */
export function craftFrame(content: Uint8Array, { declared = content.length }: { declared?: number } = {}): Uint8Array {
  const cipher = pureCrypto.aesCtr(senderSecrets.aesKey, new Uint8Array(16))
  const block = pureCrypto.aesBlock(senderSecrets.macKey)
  const state = pureCrypto.createKeccak256().update(senderSecrets.egressMacSeed)
  const mac = (seed: Uint8Array): Uint8Array => {
    const mixed = block.encrypt(state.digest().subarray(0, 16)).map((byte, index) => byte ^ seed[index]!)
    return state.update(mixed).digest().subarray(0, 16)
  }
  const header = new Uint8Array(16)
  header.set([declared >> 16, (declared >> 8) & 255, declared & 255, 0xc2, 0x80, 0x80])
  const encryptedHeader = cipher.update(header)
  const headerMac = mac(encryptedHeader)
  const padded = new Uint8Array((content.length + 15) & -16)
  padded.set(content)
  const body = cipher.update(padded)
  const bodyMac = mac(state.update(body).digest().subarray(0, 16))
  return Uint8Array.from([...encryptedHeader, ...headerMac, ...body, ...bodyMac])
}

/** The error that `work` throws. */
export function thrown(work: () => unknown): { readonly name: string; readonly code?: string } {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
