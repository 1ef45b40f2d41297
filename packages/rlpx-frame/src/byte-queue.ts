const minBlockBytes = 1024
const maxBlockBytes = 65_536
/** What is reserved for more than this has memory of its own, which grows by so much at a time. */
const largeBytes = 262_144

/**
 * Bytes that came in and were not read yet. What is pushed is copied, so that a socket's buffer is not kept alive, and
 * gathered in blocks, so that a stream of single bytes costs no more than one of large pieces: at most 64 KiB, and never
 * more than twice, what came; at most 256 KiB more of what is large.
 */
export interface ByteQueue {
  readonly length: number
  push(bytes: Uint8Array): void
  /**
   * Says that so many bytes are to be taken next, at once. If they are many and still to come, they are gathered in one
   * piece that is given back to the system as a whole, however many such were held before.
   */
  reserve(count: number): void
  /** Takes `count` bytes that are there. The array is the reader's, until `release` if it was reserved. */
  take(count: number): Uint8Array
  /** Gives back what was reserved and taken last: it must not be looked at any more. */
  release(): void
  clear(): void
}

export function createByteQueue(): ByteQueue {
  // bounded: by who pushes; a decoder's owner takes all complete frames before pushing more
  let blocks: Uint8Array[] = []
  let readAt = 0
  let writeAt = 0
  let length = 0
  let large: LargePiece | undefined
  let taken: LargePiece | undefined

  const clear = (): void => {
    large?.release()
    large = undefined
    blocks = []
    readAt = 0
    writeAt = 0
    length = 0
  }

  return {
    get length() {
      return length
    },
    reserve(count) {
      if (count <= largeBytes || length >= count) return
      const before = this.take(length)
      large = createLargePiece(count)
      length = before.length
      large.push(before)
    },
    push(bytes) {
      let rest = bytes
      if (large) {
        const fits = large.push(rest)
        length += fits
        rest = rest.subarray(fits)
        if (rest.length === 0) return
      }
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
      if (large) {
        const piece = large.take(count)
        taken = large
        large = undefined
        length -= count
        return piece
      }
      const first = blocks[0]
      if (!first) return new Uint8Array(0)
      length -= count
      if (readAt + count <= first.length) {
        const piece = first.subarray(readAt, readAt + count)
        readAt += count
        if (length === 0) clear()
        return piece
      }
      const joined = new Uint8Array(count)
      let filled = 0
      let index = 0
      while (filled < count) {
        const piece = blocks[index]!.subarray(readAt, readAt + count - filled)
        joined.set(piece, filled)
        filled += piece.length
        readAt += piece.length
        if (filled < count) {
          index++
          readAt = 0
        }
      }
      blocks.splice(0, index)
      if (length === 0) clear()
      return joined
    },
    release() {
      taken?.release()
      taken = undefined
    },
    clear,
  }
}

/** Bytes that are gathered up to a number that is known. */
interface LargePiece {
  /** Takes what still fits, and returns how much that was. */
  push(bytes: Uint8Array): number
  /** @throws RangeError for another number than was reserved */
  take(count: number): Uint8Array
  /** Gives the memory back at once: such pieces hardly make the garbage collector come. */
  release(): void
}

function createLargePiece(wanted: number): LargePiece {
  // Memory that grows in place: it is charged by what came, and lies outside of the heap that small pieces share, which
  // would keep what was freed between them.
  const buffer = new ArrayBuffer(0, { maxByteLength: wanted })
  const bytes = new Uint8Array(buffer)
  let filled = 0
  return {
    push(more) {
      const fits = Math.min(more.length, wanted - filled)
      const end = filled + fits
      if (end > buffer.byteLength) buffer.resize(Math.min(wanted, Math.ceil(end / largeBytes) * largeBytes))
      bytes.set(fits === more.length ? more : more.subarray(0, fits), filled)
      filled = end
      return fits
    },
    take(count) {
      if (count !== wanted) throw new RangeError(`expected the ${wanted} reserved bytes to be taken, got ${count}`)
      return new Uint8Array(buffer, 0, wanted)
    },
    release: () => buffer.resize(0),
  }
}
