import { pureSnappy } from '@ethwire/rlpx-frame'
import { maskedCrc32c } from './crc32c.ts'

const footerBytes = 48
const trailerBytes = 5
const magic = 0xdb4775248b80fb57n
/** No index is larger: a table has 2 MiB, or one value. */
const maxIndexBytes = 64 * 1024 * 1024

interface Handle {
  readonly offset: number
  readonly size: number
}

/** Checks all of a table of LevelDB (doc/table_format.md). @returns What is wrong, undefined if all is well. */
export function checkTableFile(bytes: Uint8Array): string | undefined {
  if (bytes.length < footerBytes) return `only ${bytes.length} bytes`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getBigUint64(bytes.length - 8, true) !== magic) return 'it does not end as a table does'
  try {
    const footer = createReader(bytes.subarray(-footerBytes))
    for (const block of [footer.handle(), footer.handle()]) {
      for (const { offset, size } of handlesIn(readBlock(bytes, block))) readBlock(bytes, { offset, size })
    }
    return undefined
  } catch (error) {
    if (error instanceof RangeError || error instanceof Error) return error.message
    throw error
  }
}

/** A block's bytes after their checksum was found right, as they are stored, with their type behind. */
function readBlock(bytes: Uint8Array, { offset, size }: Handle): Uint8Array {
  const end = offset + size + trailerBytes
  if (!(end <= bytes.length)) throw new RangeError(`a block at byte ${offset} is not all there`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (maskedCrc32c(bytes.subarray(offset, offset + size + 1)) !== view.getUint32(offset + size + 1, true))
    throw new RangeError(`wrong checksum at byte ${offset}`)
  return bytes.subarray(offset, offset + size + 1)
}

/** Of an index: its values say where other blocks are. */
function handlesIn(stored: Uint8Array): Handle[] {
  const body = stored.subarray(0, -1)
  const block = stored.at(-1) === 1 ? pureSnappy.uncompress(body, maxIndexBytes) : body
  const restarts = new DataView(block.buffer, block.byteOffset, block.byteLength).getUint32(block.length - 4, true)
  const reader = createReader(block.subarray(0, block.length - 4 - 4 * restarts))
  const handles: Handle[] = []
  while (!reader.done()) {
    reader.varint()
    const [keyBytes, valueBytes] = [reader.varint(), reader.varint()]
    reader.skip(keyBytes)
    handles.push(createReader(reader.skip(valueBytes)).handle())
  }
  return handles
}

interface Reader {
  done(): boolean
  varint(): number
  skip(count: number): Uint8Array
  handle(): Handle
}

function createReader(bytes: Uint8Array): Reader {
  let position = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = bytes[position++]
      if (byte === undefined) break
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw new RangeError('an index is damaged')
  }
  return {
    done: () => position >= bytes.length,
    varint,
    skip(count) {
      if (position + count > bytes.length) throw new RangeError('an index is damaged')
      position += count
      return bytes.subarray(position - count, position)
    },
    handle: () => ({ offset: varint(), size: varint() }),
  }
}
