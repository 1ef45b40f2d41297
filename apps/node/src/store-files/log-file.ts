import { maskedCrc32c } from './crc32c.ts'

const blockBytes = 32 * 1024
const headerBytes = 7
/** full, first, middle, last */
const lastType = 4

/**
 * Checks LevelDB's log format (doc/log_format.md), in which it keeps its newest writes and its manifest.
 * @returns What is wrong, undefined if all is well. An end in the middle of a record is `cut`: a crash leaves that, too.
 */
export function checkLogFile(bytes: Uint8Array): string | 'cut' | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0
  let open = false
  while (position < bytes.length) {
    const left = blockBytes - (position % blockBytes)
    if (left < headerBytes) {
      position += left
      continue
    }
    if (position + headerBytes > bytes.length) return 'cut'
    const length = view.getUint16(position + 4, true)
    const type = bytes[position + 6] as number
    // Space that was set aside and not written: the rest of the block is empty.
    if (type === 0 && length === 0) {
      position += left
      continue
    }
    if (type === 0 || type > lastType || headerBytes + length > left) return `no record at byte ${position}`
    const end = position + headerBytes + length
    if (end > bytes.length) return 'cut'
    if (maskedCrc32c(bytes.subarray(position + 6, end)) !== view.getUint32(position, true))
      return `wrong checksum at byte ${position}`
    const begins = type <= 2
    if (begins === open) return `records out of order at byte ${position}`
    open = type === 2 || type === 3
    position = end
  }
  return open ? 'cut' : undefined
}

/** The records of a log that was found sound, put together where they are in parts. */
export function logRecords(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: Uint8Array[] = []
  let parts: Uint8Array[] = []
  let position = 0
  while (position < bytes.length) {
    const left = blockBytes - (position % blockBytes)
    const length = left < headerBytes ? 0 : view.getUint16(position + 4, true)
    const type = left < headerBytes ? 0 : bytes[position + 6]
    if (type === 0) {
      position += left
      continue
    }
    const start = position + headerBytes
    parts.push(bytes.subarray(start, start + length))
    if (type === 1 || type === lastType) {
      records.push(Buffer.concat(parts))
      parts = []
    }
    position = start + length
  }
  return records
}
