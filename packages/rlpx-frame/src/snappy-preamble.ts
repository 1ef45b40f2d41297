import { FrameError } from './errors.ts'

/**
 * How many bytes a block declares to hold: a varint of up to 32 bits before its elements.
 * @throws FrameError `FRAME_SNAPPY`, also for more than the block's bytes could ever make
 */
export function declaredLength(block: Uint8Array): number {
  return readPreamble(block).declared
}

/** The declared length and where the elements start. */
export function readPreamble(block: Uint8Array): { declared: number; start: number } {
  let declared = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) break
    declared += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) {
      const start = index + 1
      // The densest element makes 64 bytes of 3: beyond that the declaration is a lie, known before anything is allocated.
      if (declared >= 2 ** 32 || declared > ((block.length - start) * 64) / 3) break
      return { declared, start }
    }
  }
  throw corrupt('its length is impossible')
}

export function corrupt(why: string): FrameError {
  return new FrameError('FRAME_SNAPPY', `expected a snappy block, but ${why}`)
}
