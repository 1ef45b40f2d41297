/**
 * The packets of node discovery v4 as bytes, apart from everything that sends them: reading, writing, signing, checking.
 * Browser-safe.
 *
 * @module
 */
import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { Discv4Error, type PacketErrorCode } from './errors.ts'
import { checkPacket, type InspectedPacket } from './packet-check.ts'
import { hashBytes, headBytes, maxPacketBytes, type Packet } from './packet-types.ts'
import { writePacket } from './packet-writer.ts'
import { signerOf } from './signer.ts'

export { Discv4Error, type Discv4ErrorCode, type PacketErrorCode } from './errors.ts'
export type { InspectedPacket } from './packet-check.ts'
export {
  type EnrRequestPacket,
  type EnrResponsePacket,
  type FindnodePacket,
  maxNeighbors,
  maxPacketBytes,
  type NeighborsPacket,
  type Packet,
  type PacketEndpoint,
  type PacketNode,
  type PingPacket,
  type PongPacket,
} from './packet-types.ts'

/** A packet and who signed it. */
export interface DecodedPacket extends InspectedPacket {
  /** 64 bytes. */
  readonly publicKey: Uint8Array
}

/** A packet to send. */
export interface EncodedPacket {
  readonly bytes: Uint8Array
  /** 32 bytes, a view into `bytes`. */
  readonly hash: Uint8Array
}

const problems: Readonly<Record<PacketErrorCode, string>> = {
  PACKET_TOO_SMALL: `a packet has at least ${headBytes + 1} bytes`,
  PACKET_TOO_LARGE: `a packet has at most ${maxPacketBytes} bytes`,
  PACKET_TYPE: 'expected one of the six packet types',
  PACKET_HASH: 'the hash is not that of the packet',
  PACKET_RLP: 'the fields cannot be read',
  PACKET_SIGNATURE: 'the signature is of no key',
}

/**
 * Reads a packet without looking at its signature, which is most of the work: what it says, not who says it.
 *
 * @throws Discv4Error with a `PacketErrorCode`
 */
export function inspectPacket(bytes: Uint8Array, options: { crypto?: Crypto } = {}): InspectedPacket {
  const inspected = checkPacket(bytes, options.crypto ?? pureCrypto)
  if (typeof inspected === 'string') throw new Discv4Error(inspected, problems[inspected])
  return inspected
}

/**
 * The public key, 64 bytes, that signed a packet of which `inspectPacket` thinks well.
 *
 * @throws Discv4Error `PACKET_SIGNATURE`
 */
export function recoverSender(bytes: Uint8Array, options: { crypto?: Crypto } = {}): Uint8Array {
  const { crypto = pureCrypto } = options
  try {
    return signerOf(bytes, crypto)
  } catch (cause) {
    throw new Discv4Error('PACKET_SIGNATURE', problems.PACKET_SIGNATURE, { cause })
  }
}

/**
 * Reads a packet and finds who signed it. Whether it has expired is for its reader to judge: see {@link isExpired}.
 *
 * @throws Discv4Error with a `PacketErrorCode`
 *
 * @example
 * import { decodePacket, encodePacket } from '@ethwire/discv4/packet'
 *
 * const privateKey = new Uint8Array(32).fill(1)
 * const { bytes } = encodePacket({ type: 'enrRequest', expiration: 1_800_000_000 }, { privateKey })
 * console.log(decodePacket(bytes).packet) // { type: 'enrRequest', expiration: 1800000000 }
 */
export function decodePacket(bytes: Uint8Array, options: { crypto?: Crypto } = {}): DecodedPacket {
  const { packet, hash } = inspectPacket(bytes, options)
  return { packet, hash, publicKey: recoverSender(bytes, options) }
}

/**
 * Writes and signs a packet.
 *
 * @throws RangeError, TypeError for values that no packet can have
 * @throws CryptoError `CRYPTO_PRIVATE_KEY`
 */
export function encodePacket(packet: Packet, options: { privateKey: Uint8Array; crypto?: Crypto }): EncodedPacket {
  const { privateKey, crypto = pureCrypto } = options
  const bytes = writePacket(packet)
  bytes.set(crypto.sign(crypto.keccak256(bytes.subarray(headBytes)), privateKey), hashBytes)
  bytes.set(crypto.keccak256(bytes.subarray(hashBytes)))
  return { bytes, hash: bytes.subarray(0, hashBytes) }
}

/**
 * The furthest in the future that an expiration is believed. Whose clock is further ahead could make no use of our
 * answers, since they would have expired there; and packets that never expire could be replayed for ever.
 */
const maxAheadSeconds = 3600

/** Whether a packet's time is over, or so far ahead (2^64 − 1, a negative number) that it is no time. `now` in ms. */
export function isExpired(packet: Packet, nowMs: number): boolean {
  if (packet.type === 'enrResponse') return false
  const nowSeconds = nowMs / 1000
  return packet.expiration < nowSeconds || packet.expiration > nowSeconds + maxAheadSeconds
}
