const minBlockBytes = 1024
const maxBlockBytes = 65_536

/**
 * Bytes that came in and were not read yet. What is pushed is copied, so that a socket's buffer is not kept alive, and
 * gathered in blocks, so that a stream of single bytes costs no more than one of large pieces: at most 64 KiB, and never
 * more than twice, what came.
 */
export interface ByteQueue {
  readonly length: number
  push(bytes: Uint8Array): void
  /** Takes `count` bytes that are there. The array is the reader's: it is not written to again. */
  take(count: number): Uint8Array
  clear(): void
}

export function createByteQueue(): ByteQueue {
  // bounded: by who pushes; a decoder's owner takes all complete frames before pushing more
  let blocks: Uint8Array[] = []
  let readAt = 0
  let writeAt = 0
  let length = 0

  const clear = (): void => {
    blocks = []
    readAt = 0
    writeAt = 0
    length = 0
  }

  return {
    get length() {
      return length
    },
    push(bytes) {
      let rest = bytes
      const last = blocks.at(-1)
      if (last) {
        const fits = Math.min(rest.length, last.length - writeAt)
        last.set(rest.subarray(0, fits), writeAt)
        writeAt += fits
        length += fits
        rest = rest.subarray(fits)
      }
      if (rest.length === 0) return
      const room = Math.min(Math.max(length, minBlockBytes), maxBlockBytes)
      const block = new Uint8Array(Math.max(rest.length, room))
      block.set(rest)
      blocks.push(block)
      writeAt = rest.length
      length += rest.length
    },
    take(count) {
      if (count > length) throw new RangeError(`expected at most ${length} bytes to be taken, got ${count}`)
      const first = blocks[0]
      if (!first) return new Uint8Array(0)
      length -= count
      if (readAt + count <= first.length) {
        const taken = first.subarray(readAt, readAt + count)
        readAt += count
        if (length === 0) clear()
        return taken
      }
      const taken = new Uint8Array(count)
      let filled = 0
      let index = 0
      while (filled < count) {
        const piece = blocks[index]!.subarray(readAt, readAt + count - filled)
        taken.set(piece, filled)
        filled += piece.length
        readAt += piece.length
        if (filled < count) {
          index++
          readAt = 0
        }
      }
      blocks.splice(0, index)
      if (length === 0) clear()
      return taken
    },
    clear,
  }
}
