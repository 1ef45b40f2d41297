import type { Random } from '@ethwire/io'

const blockBytes = 4096

/** Draws from a {@link Random} that cost nothing: it is read in blocks. */
export interface RandomDraws {
  /** A uniform integer in `[0, 2^32)`. */
  next(): number
  /** A uniform number in `[0, 1)`. */
  fraction(): number
}

export function createRandomDraws(random: Random): RandomDraws {
  let words = new Uint32Array(0)
  let taken = 0
  const next = (): number => {
    if (taken === words.length) {
      const bytes = random.bytes(blockBytes)
      const view = new DataView(bytes.buffer, bytes.byteOffset, blockBytes)
      words = Uint32Array.from({ length: blockBytes / 4 }, (_, index) => view.getUint32(index * 4, true))
      taken = 0
    }
    return words[taken++] as number
  }
  return { next, fraction: () => next() / 2 ** 32 }
}
