import { type BlockParts, splitBlock } from './block.ts'
import { ChainError } from './errors.ts'

/** Reads a file of blocks written one after the other (geth's `export`), in whatever chunks it comes. */
export interface BlockFileDecoder {
  /**
   * The blocks that are complete with this chunk, in order. They may be views of the chunk.
   * @throws ChainError `CHAIN_RLP`, `CHAIN_BLOCK_TOO_LARGE`; the decoder is of no use after that
   */
  push(chunk: Uint8Array): BlockParts[]
  /** To be called at the file's end. @throws ChainError `CHAIN_BLOCK_TRUNCATED` if it ends inside a block */
  end(): void
}

export interface BlockFileDecoderOptions {
  /** From a block's declared size on, before its bytes are collected. Default 64 MiB. */
  readonly maxBlockBytes?: number
}

/** Keeps at most one incomplete block. @see BlockFileDecoder */
export function createBlockFileDecoder(options: BlockFileDecoderOptions = {}): BlockFileDecoder {
  const maxBlockBytes = options.maxBlockBytes ?? 64 * 1024 * 1024
  // bounded: the chunks of one block, at most maxBlockBytes and one chunk
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  // How many bytes must be there before it is worth looking again.
  let wantedBytes = 1

  return {
    push(chunk) {
      if (chunk.length > 0) pending.push(chunk)
      pendingBytes += chunk.length
      if (pendingBytes < wantedBytes) return []
      const bytes = join(pending, pendingBytes)
      const blocks: BlockParts[] = []
      let position = 0
      for (;;) {
        wantedBytes = neededBytes(bytes, position, maxBlockBytes)
        if (wantedBytes > bytes.length - position || position === bytes.length) break
        blocks.push(splitBlock(bytes.subarray(position, position + wantedBytes)))
        position += wantedBytes
      }
      pendingBytes = bytes.length - position
      pending = pendingBytes === 0 ? [] : [bytes.subarray(position)]
      return blocks
    },
    end() {
      if (pendingBytes > 0) {
        throw new ChainError(
          'CHAIN_BLOCK_TRUNCATED',
          `the file ends with ${pendingBytes} bytes of a block of ${wantedBytes} or more`,
        )
      }
    },
  }
}

/** The whole block's size if its list header is there, else enough to know more. */
function neededBytes(bytes: Uint8Array, position: number, maxBlockBytes: number): number {
  if (position >= bytes.length) return 1
  const first = bytes[position] as number
  if (first < 0xc0) throw new ChainError('CHAIN_RLP', 'block file: expected a list')
  if (first < 0xf8) return 1 + first - 0xc0
  const lengthBytes = first - 0xf7
  if (bytes.length - position < 1 + lengthBytes) return 1 + lengthBytes
  let size = 0
  for (let i = 1; i <= lengthBytes; i++) size = size * 256 + (bytes[position + i] as number)
  const total = 1 + lengthBytes + size
  if (total > maxBlockBytes) {
    throw new ChainError('CHAIN_BLOCK_TOO_LARGE', `a block of ${total} bytes is over the bound of ${maxBlockBytes}`)
  }
  return total
}

function join(chunks: readonly Uint8Array[], total: number): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array
  const joined = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}
