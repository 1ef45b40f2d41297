import type { Crypto } from '@ethwire/crypto'
import { type Random, randomInteger } from '@ethwire/io'
import { decodePrefix, encode, fixedBytes, type Schema, struct, u64 } from '@ethwire/rlp-codec'
import { concatBytes } from '@noble/hashes/utils.js'
import { envelopeOverhead, open, seal } from './envelope.ts'

/** The largest size that a packet may declare, as geth holds it. */
export const maxPacketBytes = 2048

// The least that each can be: its fields and list header without padding, in an envelope.
export const minAuthBytes: number = envelopeOverhead + 169
export const minAckBytes: number = envelopeOverhead + 102

/** The initiator's packet (RLPx, "Initial Handshake"): signature of 65 bytes, public key of 64, nonce of 32. */
export interface Auth {
  readonly signature: Uint8Array
  readonly publicKey: Uint8Array
  readonly nonce: Uint8Array
  readonly version: bigint
}

/** The recipient's packet: ephemeral public key of 64 bytes, nonce of 32. */
export interface Ack {
  readonly ephemeralPublicKey: Uint8Array
  readonly nonce: Uint8Array
  readonly version: bigint
}

// EIP-8: the version is not looked at, further items are ignored, and so is what follows the list.
const authSchema: Schema<Auth> = struct(
  { signature: fixedBytes(65), publicKey: fixedBytes(64), nonce: fixedBytes(32), version: u64 },
  { extras: 'ignore' },
)
const ackSchema: Schema<Ack> = struct(
  { ephemeralPublicKey: fixedBytes(64), nonce: fixedBytes(32), version: u64 },
  { extras: 'ignore' },
)

/** Who seals and opens, and with what. */
export interface PacketContext {
  readonly crypto: Crypto
  readonly random: Random
}

export function sealAuth(context: PacketContext, remotePublicKey: Uint8Array, auth: Auth): Uint8Array {
  return sealPacket(context, remotePublicKey, encode(authSchema, auth))
}

export function sealAck(context: PacketContext, remotePublicKey: Uint8Array, ack: Ack): Uint8Array {
  return sealPacket(context, remotePublicKey, encode(ackSchema, ack))
}

export function openAuth(crypto: Crypto, privateKey: Uint8Array, packet: Uint8Array): Auth {
  return openPacket(crypto, privateKey, packet, authSchema)
}

export function openAck(crypto: Crypto, privateKey: Uint8Array, packet: Uint8Array): Ack {
  return openPacket(crypto, privateKey, packet, ackSchema)
}

// 100 to 199 bytes of padding (EIP-8: at least 100, so that the packet is longer than any of the format before it).
function sealPacket({ crypto, random }: PacketContext, remotePublicKey: Uint8Array, rlp: Uint8Array): Uint8Array {
  const message = concatBytes(rlp, random.bytes(100 + randomInteger(random, 100)))
  const size = message.length + envelopeOverhead
  const prefix = Uint8Array.of(size >> 8, size & 0xff)
  return concatBytes(prefix, seal(crypto, random, remotePublicKey, message, prefix))
}

function openPacket<T>(crypto: Crypto, privateKey: Uint8Array, packet: Uint8Array, schema: Schema<T>): T {
  return decodePrefix(schema, open(crypto, privateKey, packet.subarray(2), packet.subarray(0, 2))).value
}
