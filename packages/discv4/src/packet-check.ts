import { type Crypto, equalBytes } from '@ethwire/crypto'
import { Cursor, RlpError } from '@ethwire/rlp-codec'
import type { PacketErrorCode } from './errors.ts'
import { checkHead, typeNumber } from './packet-head.ts'
import { readFields } from './packet-reader.ts'
import { hashBytes, headBytes, type Packet } from './packet-types.ts'

/** A packet and its hash, by which answers name it. */
export interface InspectedPacket {
  readonly packet: Packet
  /** 32 bytes, a view into the packet. */
  readonly hash: Uint8Array
}

/**
 * The cheap part of reading, cheapest first: size, type, hash, fields. A fault is told as its code: under a flood of bad
 * packets exceptions would cost more than the checks.
 */
export function checkPacket(bytes: Uint8Array, crypto: Crypto): InspectedPacket | PacketErrorCode {
  const fault = checkHead(bytes)
  if (fault !== undefined) return fault
  const hash = bytes.subarray(0, hashBytes)
  if (!equalBytes(crypto.keccak256(bytes.subarray(hashBytes)), hash)) return 'PACKET_HASH'
  try {
    return { packet: readFields(typeNumber(bytes), new Cursor(bytes, headBytes + 1)), hash }
  } catch (error) {
    if (error instanceof RlpError) return 'PACKET_RLP'
    throw error
  }
}
