import { type AesCtr, type Crypto, pureCrypto } from '@ethwire/crypto'
import { codeBytes, maxCode, writeCode } from './code.ts'
import { createFrameMac, type FrameMac, macBytes } from './mac.ts'
import type { FrameSecrets } from './secrets.ts'
import { pureSnappy, type Snappy } from './snappy.ts'

/** The largest frame: its size has three bytes. */
export const maxFrameBytes: number = 2 ** 24 - 1

/** Bytes of a header, before its MAC. */
export const headerBytes = 16

export interface FrameEncoderOptions {
  readonly secrets: FrameSecrets
  /** Default: `pureCrypto`. */
  readonly crypto?: Crypto | undefined
  /** Default: `pureSnappy`; not used before `enableSnappy()`. */
  readonly snappy?: Snappy | undefined
}

/** One direction of a connection: messages in, frames out. */
export interface FrameEncoder {
  /**
   * One message as one frame, ready to be written. Frames must be written in the order in which they were made.
   * @param code up to 2^32−1 @param payload RLP of the message, uncompressed
   * @throws RangeError for a code or a payload that no frame can hold (2^24−1 bytes, compressed or not)
   */
  encode(code: number, payload: Uint8Array): Uint8Array
  /** From the next message on payloads are compressed: after both sides' Hello, from version 5 of the base protocol on. */
  enableSnappy(): void
}

/**
 * Makes the frames of one direction of a connection.
 *
 * @example
 * import { createFrameDecoder, createFrameEncoder } from '@ethwire/rlpx-frame'
 *
 * const seed = new Uint8Array(32)
 * const secrets = { aesKey: seed, macKey: seed, egressMacSeed: seed, ingressMacSeed: seed }
 * const encoder = createFrameEncoder({ secrets })
 * const decoder = createFrameDecoder({ secrets })
 * decoder.push(encoder.encode(0, Uint8Array.of(0xc0)))
 * console.log(decoder.next()) // { kind: 'message', code: 0, payload: Uint8Array(1) [ 192 ], wireBytes: 64 }
 */
export function createFrameEncoder(options: FrameEncoderOptions): FrameEncoder {
  const { secrets, crypto = pureCrypto, snappy = pureSnappy } = options
  const mac: FrameMac = createFrameMac(crypto, secrets.macKey, secrets.egressMacSeed)
  const cipher: AesCtr = crypto.aesCtr(secrets.aesKey, new Uint8Array(headerBytes))
  let compressing = false

  return {
    encode(code, payload) {
      if (!Number.isInteger(code) || code < 0 || code > maxCode) {
        throw new RangeError(`a message code must be an integer from 0 to ${maxCode}, got ${code}`)
      }
      // The other side bounds what comes out of a frame, too.
      if (payload.length > maxFrameBytes) throw tooLarge(payload.length)
      const data = compressing ? snappy.compress(payload) : payload
      const dataStart = codeBytes(code)
      const size = dataStart + data.length
      if (size > maxFrameBytes) throw tooLarge(size)
      const paddedBytes = (size + 15) & -16
      const bodyStart = headerBytes + macBytes
      const frame = new Uint8Array(bodyStart + paddedBytes + macBytes)

      // Header and body side by side are encrypted in one call; the header then moves to the front.
      frame[16] = size >> 16
      frame[17] = size >> 8
      frame[18] = size
      // RLPx, "Framing": the header data, a list of capability and context that nobody reads.
      frame[19] = 0xc2
      frame[20] = 0x80
      frame[21] = 0x80
      writeCode(code, frame.subarray(bodyStart))
      frame.set(data, bodyStart + dataStart)
      const ciphertext = cipher.update(frame.subarray(headerBytes, bodyStart + paddedBytes))
      const header = ciphertext.subarray(0, headerBytes)
      const body = ciphertext.subarray(headerBytes)
      frame.set(header, 0)
      frame.set(mac.header(header), headerBytes)
      frame.set(body, bodyStart)
      frame.set(mac.body(body), bodyStart + paddedBytes)
      return frame
    },
    enableSnappy() {
      compressing = true
    },
  }
}

function tooLarge(size: number): RangeError {
  return new RangeError(`a message must be at most ${maxFrameBytes} bytes, got ${size}`)
}
