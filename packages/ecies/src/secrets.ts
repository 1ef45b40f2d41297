import type { Crypto } from '@ethwire/crypto'
import { concatBytes } from '@noble/hashes/utils.js'
import { wipe } from './envelope.ts'

/** What framing needs, as plain bytes; the same structure as `FrameSecrets` of `@ethwire/rlpx-frame`. */
export interface FrameSecrets {
  /** 32 bytes, AES-256 key of both directions. */
  readonly aesKey: Uint8Array
  /** 32 bytes, key of the AES step of the frame MACs. */
  readonly macKey: Uint8Array
  /** What the keccak state of outgoing MACs starts with: (macKey ⊕ remote nonce) ‖ the packet that was sent. */
  readonly egressMacSeed: Uint8Array
  /** What the keccak state of incoming MACs starts with: (macKey ⊕ own nonce) ‖ the packet that was received. */
  readonly ingressMacSeed: Uint8Array
}

/** What both sides know when both packets have been seen. */
export interface HandshakeTranscript {
  readonly initiator: boolean
  readonly ephemeralKey: Uint8Array
  readonly remoteEphemeralPublicKey: Uint8Array
  readonly initiatorNonce: Uint8Array
  readonly recipientNonce: Uint8Array
  /** As sent over the wire, with the size prefix. */
  readonly auth: Uint8Array
  readonly ack: Uint8Array
}

/** RLPx, "Initial Handshake", the derivation of secrets. */
export function deriveSecrets(crypto: Crypto, transcript: HandshakeTranscript): FrameSecrets {
  const { initiator, initiatorNonce, recipientNonce, auth, ack } = transcript
  const point = crypto.ecdh(transcript.ephemeralKey, transcript.remoteEphemeralPublicKey)
  const ephemeral = point.subarray(1)
  const derive = (input: Uint8Array): Uint8Array => crypto.createKeccak256().update(ephemeral).update(input).digest()

  // The nonces are no secret that has to be wiped; `ephemeral` is.
  const shared = derive(crypto.keccak256(concatBytes(recipientNonce, initiatorNonce)))
  const aesKey = derive(shared)
  const macKey = derive(aesKey)
  wipe(point, shared)

  const authSeed = concatBytes(xor(macKey, recipientNonce), auth)
  const ackSeed = concatBytes(xor(macKey, initiatorNonce), ack)
  return initiator
    ? { aesKey, macKey, egressMacSeed: authSeed, ingressMacSeed: ackSeed }
    : { aesKey, macKey, egressMacSeed: ackSeed, ingressMacSeed: authSeed }
}

/** Two arrays of 32 bytes. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ b[index]!)
}
