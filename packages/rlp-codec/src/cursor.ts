import { RlpError } from './errors.ts'

/** Whether an item is a byte string or a list of items. */
export type ItemKind = 'bytes' | 'list'

/**
 * A place in RLP bytes that only moves forward. Reading an item's header costs nothing but the header; payloads are
 * given as offsets into the source, so nothing is copied and no tree is built.
 *
 * The header of the item read last stands in `kind`, `payloadStart` and `payloadEnd` until the next one is read: fields
 * instead of a result object, since this runs once for each item of each message.
 */
export class Cursor {
  readonly source: Uint8Array
  position: number
  end: number
  kind: ItemKind = 'bytes'
  payloadStart = 0
  payloadEnd = 0

  constructor(source: Uint8Array, position: number = 0, end: number = source.length) {
    this.source = source
    this.position = position
    this.end = end
  }

  /** Reads one item's header, checks its canonical form and bounds, and moves behind the item. */
  next(): void {
    const { source, position, end } = this
    if (position >= end) throw new RlpError('RLP_MISSING', 'expected an item, got the end')
    const first = source[position] as number
    if (first < 0x80) {
      this.kind = 'bytes'
      this.payloadStart = position
      this.payloadEnd = position + 1
      this.position = position + 1
      return
    }
    this.kind = first < 0xc0 ? 'bytes' : 'list'
    const short = first < 0xc0 ? first - 0x80 : first - 0xc0
    let start = position + 1
    let length = short
    if (short > 55) {
      const lengthBytes = short - 55
      length = this.#readLength(start, lengthBytes)
      start += lengthBytes
    }
    if (length > end - start) {
      throw new RlpError('RLP_TRUNCATED', `expected ${length} bytes, got ${Math.max(0, end - start)}`)
    }
    if (length === 1 && this.kind === 'bytes' && (source[start] as number) < 0x80) {
      throw new RlpError('RLP_NOT_CANONICAL', 'a byte below 0x80 must stand for itself')
    }
    this.payloadStart = start
    this.payloadEnd = start + length
    this.position = start + length
  }

  #readLength(start: number, lengthBytes: number): number {
    if (lengthBytes > this.end - start) throw new RlpError('RLP_TRUNCATED', 'the length itself is cut off')
    if (this.source[start] === 0) throw new RlpError('RLP_NOT_CANONICAL', 'the length has a leading zero')
    // Six bytes are far beyond any array; the number stays exact.
    if (lengthBytes > 6) throw new RlpError('RLP_TRUNCATED', 'the length is larger than any input')
    let length = 0
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (this.source[start + i] as number)
    if (length < 56) throw new RlpError('RLP_NOT_CANONICAL', 'a length below 56 must be in the first byte')
    return length
  }

  /** Reads a byte string's header. */
  nextBytes(expects: string): void {
    this.next()
    if (this.kind !== 'bytes') throw new RlpError('RLP_KIND', `expected ${expects}, got a list`)
  }

  /** Reads a list's header and returns the end outside; the cursor then stands in the list until `leave`. */
  enterList(expects: string): number {
    this.next()
    if (this.kind !== 'list') throw new RlpError('RLP_KIND', `expected ${expects}, got bytes`)
    const outer = this.end
    this.position = this.payloadStart
    this.end = this.payloadEnd
    return outer
  }

  /** Leaves the list that `enterList` entered, behind its last byte. */
  leave(outerEnd: number): void {
    this.position = this.end
    this.end = outerEnd
  }

  /** The payload of the item read last, as a view. */
  payload(): Uint8Array {
    return this.source.subarray(this.payloadStart, this.payloadEnd)
  }
}
