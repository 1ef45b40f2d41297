import { type Crypto, equalBytes, pureCrypto } from '@ethwire/crypto'
import { createByteQueue } from './byte-queue.ts'
import { codeBytes, readCode } from './code.ts'
import { headerBytes, maxFrameBytes } from './encoder.ts'
import { FrameError } from './errors.ts'
import { createFrameMac, macBytes } from './mac.ts'
import type { FrameSecrets } from './secrets.ts'
import { pureSnappy, type Snappy } from './snappy.ts'
import { declaredLength } from './snappy-preamble.ts'

/** What a frame may be before Hello: the base protocol's messages are small. */
export const helloMaxFrameBytes = 2048

export interface FrameDecoderOptions {
  readonly secrets: FrameSecrets
  /** Default: `pureCrypto`. */
  readonly crypto?: Crypto | undefined
  /** Default: `pureSnappy`; not used before `enableSnappy()`. */
  readonly snappy?: Snappy | undefined
  /** The largest frame, checked from its header. Default: 2,048, enough for Hello; raise it with `setMaxFrameBytes`. */
  readonly maxFrameBytes?: number | undefined
  /** The largest payload of a code, uncompressed, checked before inflating. Default: 2^24−1 for all. */
  readonly maxMessageBytes?: ((code: number) => number) | undefined
}

/** A message, its payload RLP and uncompressed, in an array of its own. */
export interface ReceivedMessage {
  readonly kind: 'message'
  readonly code: number
  readonly payload: Uint8Array
  /** What it took on the wire, with header, padding and MACs. */
  readonly wireBytes: number
}

/** A message whose payload is larger than its code may have. It was not inflated; the stream goes on behind it. */
export interface OversizedMessage {
  readonly kind: 'oversized'
  readonly code: number
  /** The payload's length, uncompressed. */
  readonly declaredBytes: number
  readonly wireBytes: number
}

/** One direction of a connection: bytes in, messages out. */
export interface FrameDecoder {
  /** Takes what came in, in pieces of any size; copied, so that the caller may reuse it. Never throws. */
  push(bytes: Uint8Array): void
  /**
   * The next complete message. Frames are decoded when they are asked for: limits and compression that a message changes
   * hold for the one behind it, though both came in one piece. Take all before pushing more.
   * @throws FrameError after which the stream is over; the same again at each further call
   */
  next(): ReceivedMessage | OversizedMessage | undefined
  /** Holds from the next header on. */
  setMaxFrameBytes(maxBytes: number): void
  /** From the next message on payloads are compressed: after both sides' Hello, from version 5 of the base protocol on. */
  enableSnappy(): void
  /** Forgets what is buffered, at the end of a connection: nothing comes out any more. Idempotent. */
  close(): void
  /** Bytes that are kept until their frame is complete. */
  readonly bufferedBytes: number
}

interface Header {
  readonly size: number
  readonly paddedBytes: number
}

export function createFrameDecoder(options: FrameDecoderOptions): FrameDecoder {
  const { secrets, crypto = pureCrypto, snappy = pureSnappy } = options
  const { maxMessageBytes = () => maxFrameBytes } = options
  const mac = createFrameMac(crypto, secrets.macKey, secrets.ingressMacSeed)
  const cipher = crypto.aesCtr(secrets.aesKey, new Uint8Array(headerBytes))
  const queue = createByteQueue()
  let frameLimit = options.maxFrameBytes ?? helloMaxFrameBytes
  let compressed = false
  let header: Header | undefined
  let failed: FrameError | undefined
  let isClosed = false

  const readHeader = (): Header => {
    const bytes = queue.take(headerBytes + macBytes)
    const ciphertext = bytes.subarray(0, headerBytes)
    if (!equalBytes(mac.header(ciphertext), bytes.subarray(headerBytes))) {
      throw new FrameError('FRAME_MAC', 'the header of a frame is not by the other side')
    }
    const plain = cipher.update(ciphertext)
    const size = (plain[0]! << 16) | (plain[1]! << 8) | plain[2]!
    if (size > frameLimit) {
      throw new FrameError('FRAME_TOO_LARGE', `expected a frame of at most ${frameLimit} bytes, got one of ${size}`)
    }
    if (size === 0) throw new FrameError('FRAME_EMPTY', 'expected a message code, got an empty frame')
    return { size, paddedBytes: (size + 15) & -16 }
  }

  const readBody = ({ size, paddedBytes }: Header): ReceivedMessage | OversizedMessage => {
    const bytes = queue.take(paddedBytes + macBytes)
    const ciphertext = bytes.subarray(0, paddedBytes)
    if (!equalBytes(mac.body(ciphertext), bytes.subarray(paddedBytes))) {
      throw new FrameError('FRAME_MAC', 'the body of a frame is not by the other side')
    }
    const message = cipher.update(ciphertext).subarray(0, size)
    queue.release()
    const code = readCode(message)
    const data = message.subarray(codeBytes(code))
    const wireBytes = headerBytes + macBytes + paddedBytes + macBytes
    const limit = maxMessageBytes(code)
    const declaredBytes = compressed ? declaredLength(data) : data.length
    if (declaredBytes > limit) return { kind: 'oversized', code, declaredBytes, wireBytes }
    return { kind: 'message', code, payload: compressed ? inflate(data, limit) : data, wireBytes }
  }

  const inflate = (data: Uint8Array, limit: number): Uint8Array => {
    try {
      return snappy.uncompress(data, limit)
    } catch (error) {
      if (error instanceof FrameError) throw error
      throw new FrameError('FRAME_SNAPPY', 'expected a snappy block')
    }
  }

  return {
    get bufferedBytes() {
      return queue.length
    },
    close() {
      isClosed = true
      queue.clear()
    },
    push(bytes) {
      if (!failed && !isClosed) queue.push(bytes)
    },
    next() {
      if (failed) throw failed
      try {
        if (!header) {
          if (queue.length < headerBytes + macBytes) return undefined
          header = readHeader()
          queue.reserve(header.paddedBytes + macBytes)
        }
        if (queue.length < header.paddedBytes + macBytes) return undefined
        const message = readBody(header)
        header = undefined
        return message
      } catch (error) {
        if (error instanceof FrameError) {
          failed = error
          queue.clear()
        }
        throw error
      }
    },
    setMaxFrameBytes(maxBytes) {
      if (!Number.isInteger(maxBytes) || maxBytes < 1 || maxBytes > maxFrameBytes) {
        throw new RangeError(`the largest frame must be from 1 to ${maxFrameBytes} bytes, got ${maxBytes}`)
      }
      frameLimit = maxBytes
    },
    enableSnappy() {
      compressed = true
    },
  }
}
