import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { type Random, webRandom } from '@ethwire/io'
import { randomPrivateKey, wipe } from './envelope.ts'
import { EciesError } from './errors.ts'
import { createPacketBuffer, type PacketBuffer } from './packet-buffer.ts'
import { minAckBytes, minAuthBytes, openAck, openAuth, sealAck, sealAuth } from './packets.ts'
import { deriveSecrets, type FrameSecrets, xor } from './secrets.ts'

/** What both sides are made with. */
export interface HandshakeOptions {
  /** The node's own key, 32 bytes. */
  readonly privateKey: Uint8Array
  /** Default: `pureCrypto`. */
  readonly crypto?: Crypto | undefined
  /** Default: the platform's generator, `globalThis.crypto`. */
  readonly random?: Random | undefined
  /** For test vectors: the ephemeral private key, 32 bytes, else drawn from `random`. Never use one twice. */
  readonly ephemeralKey?: Uint8Array | undefined
  /** For test vectors: the nonce, 32 bytes, else drawn from `random`. */
  readonly nonce?: Uint8Array | undefined
}

/** What an initiator is made with. */
export interface InitiatorOptions extends HandshakeOptions {
  /** The key that the other side must prove to hold, 64 bytes. */
  readonly remotePublicKey: Uint8Array
}

/** More bytes are needed. */
export interface HandshakeMore {
  readonly state: 'more'
  readonly send?: Uint8Array
}

/** Both sides have what they need. */
export interface HandshakeDone {
  readonly state: 'done'
  /** To be sent before the first frame. */
  readonly send?: Uint8Array
  readonly secrets: FrameSecrets
  /** Who the other side is, 64 bytes. */
  readonly remotePublicKey: Uint8Array
  /** What came after the handshake: the beginning of the first frames. A copy. */
  readonly rest: Uint8Array
}

export type HandshakeStep = HandshakeMore | HandshakeDone

/** The side that was dialled. */
export interface Recipient {
  /**
   * Takes what came in, in pieces of any size.
   * @throws EciesError which ends the handshake: close the connection
   */
  push(bytes: Uint8Array): HandshakeStep
}

/** The side that dials. */
export interface Initiator extends Recipient {
  /** The first packet; call it once, before `push`. */
  start(): Uint8Array
}

/**
 * The dialling side of the RLPx handshake (RLPx, "Initial Handshake"; EIP-8).
 *
 * @throws RangeError when a key given is none
 *
 * @example
 * import { pureCrypto } from '@ethwire/crypto'
 * import { createInitiator, createRecipient } from '@ethwire/ecies'
 *
 * const recipientKey = new Uint8Array(32).fill(2)
 * const recipient = createRecipient({ privateKey: recipientKey })
 * const initiator = createInitiator({
 *   privateKey: new Uint8Array(32).fill(1),
 *   remotePublicKey: pureCrypto.publicKey(recipientKey),
 * })
 * const answer = recipient.push(initiator.start())
 * const step = answer.state === 'done' && answer.send ? initiator.push(answer.send) : undefined
 * if (step?.state === 'done') console.log(step.secrets.aesKey.length)
 */
export function createInitiator(options: InitiatorOptions): Initiator {
  const { crypto, random, privateKey, ephemeralKey, nonce } = resolve(options)
  const remotePublicKey = options.remotePublicKey.slice()
  if (!crypto.isPublicKey(remotePublicKey)) throw new RangeError('remotePublicKey must be 64 bytes of a point')
  let auth: Uint8Array | undefined

  const finish = (ack: Uint8Array, rest: Uint8Array): HandshakeDone => {
    const { ephemeralPublicKey, nonce: recipientNonce } = openAck(crypto, privateKey, ack)
    const secrets = deriveSecrets(crypto, {
      initiator: true,
      ephemeralKey,
      remoteEphemeralPublicKey: ephemeralPublicKey,
      initiatorNonce: nonce,
      recipientNonce,
      auth: auth!,
      ack,
    })
    return { state: 'done', secrets, remotePublicKey, rest }
  }
  const machine = createMachine(createPacketBuffer(minAckBytes), finish, () => wipe(ephemeralKey))

  return {
    start() {
      if (auth) throw new EciesError('ECIES_STATE', 'the handshake was started before')
      const token = crypto.ecdh(privateKey, remotePublicKey)
      const signature = crypto.sign(xor(token.subarray(1), nonce), ephemeralKey)
      wipe(token)
      const fields = { signature, publicKey: crypto.publicKey(privateKey), nonce, version: 4n }
      auth = sealAuth({ crypto, random }, remotePublicKey, fields)
      return auth.slice()
    },
    push(bytes) {
      if (!auth) throw new EciesError('ECIES_STATE', 'call start() before push()')
      return machine.push(bytes)
    },
  }
}

/**
 * The dialled side of the RLPx handshake (RLPx, "Initial Handshake"; EIP-8).
 *
 * @throws RangeError when a key given is none
 */
export function createRecipient(options: HandshakeOptions): Recipient {
  const { crypto, random, privateKey, ephemeralKey, nonce } = resolve(options)

  const finish = (auth: Uint8Array, rest: Uint8Array): HandshakeDone => {
    const { signature, publicKey, nonce: initiatorNonce } = openAuth(crypto, privateKey, auth)
    const token = crypto.ecdh(privateKey, publicKey)
    const remoteEphemeralPublicKey = crypto.recover(xor(token.subarray(1), initiatorNonce), signature)
    wipe(token)
    const remotePublicKey = publicKey.slice()
    const fields = { ephemeralPublicKey: crypto.publicKey(ephemeralKey), nonce, version: 4n }
    const ack = sealAck({ crypto, random }, remotePublicKey, fields)
    const secrets = deriveSecrets(crypto, {
      initiator: false,
      ephemeralKey,
      remoteEphemeralPublicKey,
      initiatorNonce,
      recipientNonce: nonce,
      auth,
      ack,
    })
    return { state: 'done', send: ack, secrets, remotePublicKey, rest }
  }

  return createMachine(createPacketBuffer(minAuthBytes), finish, () => wipe(ephemeralKey))
}

interface Resolved {
  readonly crypto: Crypto
  readonly random: Random
  readonly privateKey: Uint8Array
  readonly ephemeralKey: Uint8Array
  readonly nonce: Uint8Array
}

function resolve(options: HandshakeOptions): Resolved {
  const { crypto = pureCrypto, random = webRandom, privateKey } = options
  if (!crypto.isPrivateKey(privateKey)) throw new RangeError('privateKey must be 32 bytes of a number from 1 to n-1')
  const ephemeralKey = options.ephemeralKey?.slice() ?? randomPrivateKey(crypto, random)
  if (!crypto.isPrivateKey(ephemeralKey))
    throw new RangeError('ephemeralKey must be 32 bytes of a number from 1 to n-1')
  const nonce = options.nonce?.slice() ?? random.bytes(32)
  if (nonce.length !== 32) throw new RangeError(`nonce must be 32 bytes, got ${nonce.length}`)
  return { crypto, random, privateKey, ephemeralKey, nonce }
}

// Collects one packet, finishes once, fails once: whatever goes wrong inside looks the same outside.
function createMachine(
  buffer: PacketBuffer,
  finish: (packet: Uint8Array, rest: Uint8Array) => HandshakeDone,
  end: () => void,
): Recipient {
  let ended = false
  return {
    push(bytes) {
      if (ended) throw new EciesError('ECIES_STATE', 'the handshake is over')
      try {
        const complete = buffer.push(bytes)
        if (!complete) return { state: 'more' }
        const done = finish(complete.packet, complete.rest)
        ended = true
        return done
      } catch (error) {
        ended = true
        if (error instanceof EciesError) throw error
        throw new EciesError('ECIES_HANDSHAKE_FAILED', 'the packet is not one of this handshake')
      } finally {
        if (ended) end()
      }
    },
  }
}
