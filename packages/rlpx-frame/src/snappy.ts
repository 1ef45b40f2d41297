import { compressBlock } from './snappy-compress.ts'
import { uncompressBlock } from './snappy-uncompress.ts'

/** Snappy's block format, as RLPx uses it from version 5 of the base protocol on. */
export interface Snappy {
  compress(bytes: Uint8Array): Uint8Array
  /** Throws for what is no block, and for a block that declares more than `maxBytes`, before allocating. */
  uncompress(bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** Snappy in plain JavaScript. The uncompressing side is strict: one block, exactly as long as it declares. */
export const pureSnappy: Snappy = { compress: compressBlock, uncompress: uncompressBlock }
