import { pureCrypto } from '@ethwire/crypto'
import type { Hasher } from './hasher.ts'
import { headerSize, trieRoot } from './trie.ts'

/**
 * The root over a list: a trie from rlp(index) to the item's consensus bytes, as headers commit to transactions,
 * receipts and withdrawals (Yellow Paper, section 4.3.2).
 */
export function orderedRoot(items: readonly Uint8Array[], crypto: Hasher = pureCrypto): Uint8Array {
  const count = items.length
  const keys: Uint8Array[] = []
  const values: Uint8Array[] = []
  const add = (index: number): void => {
    keys.push(indexKey(index))
    values.push(items[index] as Uint8Array)
  }
  // Sorted by rlp(index): 1…127 are their own byte, 0 is 0x80, the rest has a longer header the longer it is.
  for (let index = 1; index < Math.min(count, 128); index++) add(index)
  if (count > 0) add(0)
  for (let index = 128; index < count; index++) add(index)
  return trieRoot({ keys, values }, crypto)
}

// bounded: 1024 keys of at most three bytes
const knownKeys: Uint8Array[] = Array.from({ length: 1024 }, (_, index) => rlpIndex(index))

function indexKey(index: number): Uint8Array {
  return knownKeys[index] ?? rlpIndex(index)
}

function rlpIndex(index: number): Uint8Array {
  if (index === 0) return Uint8Array.of(0x80)
  if (index < 0x80) return Uint8Array.of(index)
  const digits = headerSize(Math.max(index, 56)) - 1
  const key = new Uint8Array(1 + digits)
  key[0] = 0x80 + digits
  for (let i = digits, rest = index; i > 0; i--, rest >>>= 8) key[i] = rest & 0xff
  return key
}
