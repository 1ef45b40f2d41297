// Snappy looks for repetitions within 64 KiB: offsets of two bytes always do.
const blockBytes = 65_536
// A match is looked for only while this many bytes follow, so that four can be read at once anywhere.
const margin = 15
const tableBits = 14

// Positions by the hash of the four bytes there, relative to the block. Work is synchronous: one table serves all.
const table = new Uint16Array(1 << tableBits)

/** Where what comes out of a larger input is put together, before it is known how much that is. */
const maxScratchBytes = 4 * 1024 * 1024
let scratch = new Uint8Array(0) // bounded: maxScratchBytes

/** Room for so many bytes, whatever they were; the next call has the same. */
function scratchOf(bytes: number): Uint8Array {
  if (bytes > maxScratchBytes) return new Uint8Array(bytes)
  if (scratch.length < bytes) scratch = new Uint8Array(Math.min(maxScratchBytes, 2 * bytes))
  return scratch
}

/** Compresses to one block (snappy's format_description.txt): greedy, one candidate a hash, skipping over noise. */
export function compressBlock(bytes: Uint8Array): Uint8Array {
  // The longest that can come out: a preamble, and literals whose headers take a sixth at worst.
  const writer = new BlockWriter(bytes, scratchOf(32 + bytes.length + Math.ceil(bytes.length / 6)))
  writer.preamble()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let start = 0; start < bytes.length; start += blockBytes) {
    compressPart(writer, view, start, Math.min(start + blockBytes, bytes.length))
  }
  return writer.finish()
}

function compressPart(writer: BlockWriter, view: DataView, start: number, end: number): void {
  const source = writer.source
  const limit = end - margin
  let literalFrom = start
  if (limit > start + 1) {
    // A small input gets a small table: clearing a large one would cost more than the search.
    let bits = 8
    while (bits < tableBits && 1 << bits < end - start) bits++
    const shift = 32 - bits
    table.fill(0, 0, 1 << bits)

    let at = start + 1
    search: for (;;) {
      // Every 32 misses widen the stride by one: what does not compress is passed over quickly.
      let misses = 32
      let candidate: number
      let word: number
      for (;;) {
        if (at > limit) break search
        word = view.getInt32(at, true)
        const hash = Math.imul(word, 0x1e35a7bd) >>> shift
        candidate = start + table[hash]!
        table[hash] = at - start
        if (view.getInt32(candidate, true) === word) break
        at += misses >> 5
        misses += misses >> 5
      }
      writer.literal(literalFrom, at)

      // One match often follows upon another.
      do {
        const matchFrom = at
        at += 4
        let other = candidate + 4
        while (at < end && source[at] === source[other]) {
          at++
          other++
        }
        writer.copy(matchFrom - candidate, at - matchFrom)
        literalFrom = at
        if (at > limit) break search
        table[Math.imul(view.getInt32(at - 1, true), 0x1e35a7bd) >>> shift] = at - 1 - start
        word = view.getInt32(at, true)
        const hash = Math.imul(word, 0x1e35a7bd) >>> shift
        candidate = start + table[hash]!
        table[hash] = at - start
      } while (view.getInt32(candidate, true) === word)
      at++
    }
  }
  if (literalFrom < end) writer.literal(literalFrom, end)
}

class BlockWriter {
  readonly source: Uint8Array
  private readonly target: Uint8Array
  private at = 0

  constructor(source: Uint8Array, target: Uint8Array) {
    this.source = source
    this.target = target
  }

  preamble(): void {
    let rest = this.source.length
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.target[this.at++] = (rest & 0x7f) | 0x80
    this.target[this.at++] = rest
  }

  literal(from: number, to: number): void {
    const length = to - from
    if (length === 0) return
    const { source, target } = this
    let at = this.at
    const value = length - 1
    if (value < 60) {
      target[at++] = value << 2
    } else if (value < 256) {
      target[at++] = 60 << 2
      target[at++] = value
    } else {
      target[at++] = 61 << 2
      target[at++] = value & 0xff
      target[at++] = value >> 8
    }
    if (length <= 24) {
      for (let index = 0; index < length; index++) target[at + index] = source[from + index]!
    } else {
      target.set(source.subarray(from, to), at)
    }
    this.at = at + length
  }

  copy(offset: number, length: number): void {
    const { target } = this
    let at = this.at
    let rest = length
    // A copy takes 64 bytes at most; what is left must be at least 4 to be sayable in the short form.
    while (rest > 64) {
      const part = rest >= 68 ? 64 : 60
      target[at++] = ((part - 1) << 2) | 2
      target[at++] = offset & 0xff
      target[at++] = offset >> 8
      rest -= part
    }
    if (rest >= 12 || offset >= 2048) {
      target[at++] = ((rest - 1) << 2) | 2
      target[at++] = offset & 0xff
      target[at++] = offset >> 8
    } else {
      target[at++] = ((offset >> 8) << 5) | ((rest - 4) << 2) | 1
      target[at++] = offset & 0xff
    }
    this.at = at
  }

  finish(): Uint8Array {
    return this.target.slice(0, this.at)
  }
}
