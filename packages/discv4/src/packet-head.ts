import type { PacketErrorCode } from './errors.ts'
import { headBytes, maxPacketBytes, type Packet, packetTypes } from './packet-types.ts'

/** What is wrong with a packet at first sight, if anything is: what it costs nothing to see. */
export function checkHead(bytes: Uint8Array): PacketErrorCode | undefined {
  if (bytes.length <= headBytes) return 'PACKET_TOO_SMALL'
  if (bytes.length > maxPacketBytes) return 'PACKET_TOO_LARGE'
  return packetTypes[typeNumber(bytes) - 1] === undefined ? 'PACKET_TYPE' : undefined
}

/** The number in a packet that has a head. */
export function typeNumber(bytes: Uint8Array): number {
  return bytes[headBytes] as number
}

/** What a packet of which `checkHead` thinks well claims to be. */
export function claimedType(bytes: Uint8Array): Packet['type'] {
  return packetTypes[typeNumber(bytes) - 1] as Packet['type']
}
