import { EciesError } from './errors.ts'
import { maxPacketBytes } from './packets.ts'

/** Collects one packet from pieces of any size. */
export interface PacketBuffer {
  /**
   * The packet with its prefix and what came after it, once it is complete.
   * @throws EciesError `ECIES_PACKET_SIZE` as soon as the prefix is there and out of bounds
   */
  push(bytes: Uint8Array): { packet: Uint8Array; rest: Uint8Array } | undefined
}

const prefixBytes = 2

/** A buffer for a packet whose declared size is from `minBytes` to 2,048. */
export function createPacketBuffer(minBytes: number): PacketBuffer {
  // bounded: the prefix, then once that is known to be in bounds the packet, 2,050 bytes at most
  let buffer = new Uint8Array(prefixBytes)
  let filled = 0

  // Takes what is missing of the buffer and returns the rest.
  const fill = (bytes: Uint8Array): Uint8Array => {
    const taken = Math.min(bytes.length, buffer.length - filled)
    buffer.set(bytes.subarray(0, taken), filled)
    filled += taken
    return bytes.subarray(taken)
  }

  return {
    push(bytes) {
      let rest = bytes
      if (filled < prefixBytes) {
        rest = fill(rest)
        if (filled < prefixBytes) return undefined
        const size = (buffer[0]! << 8) | buffer[1]!
        if (size < minBytes || size > maxPacketBytes) {
          throw new EciesError(
            'ECIES_PACKET_SIZE',
            `expected a packet of ${minBytes} to ${maxPacketBytes} bytes, got ${size}`,
          )
        }
        const whole = new Uint8Array(prefixBytes + size)
        whole.set(buffer)
        buffer = whole
      }
      rest = fill(rest)
      if (filled < buffer.length) return undefined
      return { packet: buffer, rest: rest.slice() }
    },
  }
}
