import { logRecords } from './log-file.ts'

/** Fields of a version edit, each a tag and what belongs to it (LevelDB, db/version_edit.cc). */
const tags = {
  comparator: 1,
  logNumber: 2,
  nextFileNumber: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLogNumber: 9,
} as const

/**
 * The numbers of the tables that a sound manifest says the database consists of. Others are left over from compactions
 * that were broken off or are done: LevelDB removes them when it opens, whatever is in them.
 * @returns Undefined where the manifest has fields that are not known
 */
export function liveTables(manifest: Uint8Array): ReadonlySet<number> | undefined {
  const live = new Set<number>() // bounded: by the manifest's bytes
  for (const record of logRecords(manifest)) {
    const reader = createReader(record)
    while (!reader.done()) {
      switch (reader.varint()) {
        case tags.comparator:
          reader.skip()
          break
        case tags.logNumber:
        case tags.nextFileNumber:
        case tags.lastSequence:
        case tags.previousLogNumber:
          reader.varint()
          break
        case tags.compactPointer:
          reader.varint()
          reader.skip()
          break
        case tags.deletedFile:
          reader.varint()
          live.delete(reader.varint())
          break
        case tags.newFile:
          reader.varint()
          live.add(reader.varint())
          reader.varint()
          reader.skip()
          reader.skip()
          break
        default:
          return undefined
      }
    }
  }
  return live
}

interface Reader {
  done(): boolean
  varint(): number
  /** Passes over a string and the length before it. */
  skip(): void
}

function createReader(bytes: Uint8Array): Reader {
  let position = 0
  const varint = (): number => {
    let value = 0
    // A record that is cut off inside reads as zeros, and ends.
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[position++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  return {
    done: () => position >= bytes.length,
    varint,
    skip() {
      const length = varint()
      position += length
    },
  }
}
