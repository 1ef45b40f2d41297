import { FrameError } from './errors.ts'
import { corrupt, readPreamble } from './snappy-preamble.ts'

// Below this many bytes a loop beats a call into the engine.
const shortBytes = 24

/**
 * Uncompresses one block (snappy's format_description.txt).
 * @throws FrameError `FRAME_SNAPPY` for offset 0, a reference before the start, an overrun of input or output, bytes too
 * many or too few; `FRAME_TOO_LARGE` for a declared length above `maxBytes`, before anything is allocated
 */
export function uncompressBlock(block: Uint8Array, maxBytes: number): Uint8Array {
  const { declared, start } = readPreamble(block)
  if (declared > maxBytes) {
    throw new FrameError('FRAME_TOO_LARGE', `expected at most ${maxBytes} bytes when uncompressed, got ${declared}`)
  }
  const output = new Uint8Array(declared)
  const end = block.length
  let at = start
  let written = 0

  while (at < end) {
    const tag = block[at++]!
    let length = (tag >> 2) + 1

    if ((tag & 3) === 0) {
      if (length > 60) {
        const lengthBytes = length - 60
        if (at + lengthBytes > end) throw corrupt('it ends within a literal')
        length = 1
        for (let index = 0; index < lengthBytes; index++) length += block[at + index]! * 2 ** (8 * index)
        at += lengthBytes
      }
      if (length > end - at) throw corrupt('it ends within a literal')
      if (length > declared - written) throw corrupt('it holds more than it declares')
      if (length <= shortBytes) {
        for (let index = 0; index < length; index++) output[written + index] = block[at + index]!
      } else {
        output.set(block.subarray(at, at + length), written)
      }
      at += length
      written += length
      continue
    }

    let offset: number
    if ((tag & 3) === 1) {
      if (at + 1 > end) throw corrupt('it ends within a copy')
      length = ((tag >> 2) & 7) + 4
      offset = ((tag & 0xe0) << 3) | block[at]!
      at += 1
    } else if ((tag & 3) === 2) {
      if (at + 2 > end) throw corrupt('it ends within a copy')
      offset = block[at]! | (block[at + 1]! << 8)
      at += 2
    } else {
      if (at + 4 > end) throw corrupt('it ends within a copy')
      offset = (block[at]! | (block[at + 1]! << 8) | (block[at + 2]! << 16) | (block[at + 3]! << 24)) >>> 0
      at += 4
    }
    if (offset === 0 || offset > written) throw corrupt('it copies from outside of what was written')
    if (length > declared - written) throw corrupt('it holds more than it declares')
    const from = written - offset
    // Byte by byte where source and target overlap: the copy then repeats what it has just written, as it must.
    if (length <= shortBytes || offset < length) {
      for (let index = 0; index < length; index++) output[written + index] = output[from + index]!
    } else {
      output.copyWithin(written, from, from + length)
    }
    written += length
  }

  if (written !== declared) throw corrupt('it holds less than it declares')
  return output
}
