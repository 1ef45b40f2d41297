/** Bytes that come in pieces, up to a bound. */
export interface ByteCollector {
  /** Copies the bytes; false, and nothing is kept of them, if that would be too many. */
  add(bytes: Uint8Array): boolean
  /** How many there are. */
  readonly length: number
  /** All of them as UTF-8. It is empty after that. */
  take(): string
}

const firstBytes = 4096

/** In one buffer that grows: a list of pieces would cost whoever sends single bytes nothing, and us a hundred for each. */
export function createByteCollector(maxBytes: number): ByteCollector {
  const none = new Uint8Array(0)
  // bounded: twice what is there, at most maxBytes
  let buffer: Uint8Array = none
  let length = 0
  return {
    add(bytes) {
      const needed = length + bytes.length
      if (needed > maxBytes) return false
      if (needed > buffer.length) {
        const larger = new Uint8Array(Math.min(maxBytes, Math.max(firstBytes, 2 * buffer.length, needed)))
        larger.set(buffer.subarray(0, length))
        buffer = larger
      }
      buffer.set(bytes, length)
      length = needed
      return true
    },
    get length() {
      return length
    },
    take() {
      const text = Buffer.from(buffer.buffer, 0, length).toString('utf8')
      buffer = none
      length = 0
      return text
    },
  }
}
