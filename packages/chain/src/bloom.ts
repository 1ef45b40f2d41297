import { equalBytes, pureCrypto } from '@ethwire/crypto'
import type { Hasher } from './hasher.ts'

/** Adds addresses and topics to logs blooms. Blocks repeat few of them often, so it remembers some hashes' bits. */
export interface BloomBuilder {
  /** Sets the three bits of an entry (Yellow Paper, section 4.3.1). */
  add(bloom: Uint8Array, entry: Uint8Array): void
}

interface Remembered {
  readonly entry: Uint8Array
  /** Bit positions in the 2048-bit filter, the highest first. */
  readonly bits: readonly [number, number, number]
}

/** Keeps views of the entries: use one builder for one block or receipt list. */
export function createBloomBuilder(crypto: Hasher = pureCrypto): BloomBuilder {
  // bounded: 64 entries, a later one takes the place of an earlier one
  const remembered: (Remembered | undefined)[] = new Array(64)
  const bitsOf = (entry: Uint8Array): readonly [number, number, number] => {
    const place = ((entry[0] ?? 0) ^ (entry[entry.length - 1] ?? 0)) & 63
    const known = remembered[place]
    if (known !== undefined && equalBytes(known.entry, entry)) return known.bits
    const hash = crypto.keccak256(entry)
    const bits = [bitAt(hash, 0), bitAt(hash, 2), bitAt(hash, 4)] as const
    remembered[place] = { entry, bits }
    return bits
  }
  return {
    add(bloom, entry) {
      for (const bit of bitsOf(entry)) bloom[255 - (bit >> 3)] = (bloom[255 - (bit >> 3)] as number) | (1 << (bit & 7))
    },
  }
}

function bitAt(hash: Uint8Array, at: number): number {
  return (((hash[at] as number) << 8) | (hash[at + 1] as number)) & 2047
}
