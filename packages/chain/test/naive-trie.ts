import { pureCrypto } from '@ethwire/crypto'
import { encodeBytes, encodeList, encodeUint } from '@ethwire/rlp-codec'

/** A trie by the recursive definition of the Yellow Paper, appendix D, slow and plain: nibble arrays and no sorting. */
export function naiveRoot(values: readonly Uint8Array[], keys?: readonly Uint8Array[]): Uint8Array {
  const pairs = values.map((value, index) => ({ path: nibbles(keys?.[index] ?? encodeUint(index)), value }))
  return pureCrypto.keccak256(pairs.length === 0 ? encodeBytes(new Uint8Array(0)) : node(pairs))
}

interface Pair {
  readonly path: readonly number[]
  readonly value: Uint8Array
}

function node(pairs: readonly Pair[]): Uint8Array {
  const [first] = pairs
  if (first === undefined) return encodeBytes(new Uint8Array(0))
  if (pairs.length === 1) return encodeList([encodeBytes(hexPrefix(first.path, true)), encodeBytes(first.value)])
  let shared = 0
  while (pairs.every(({ path }) => path[shared] !== undefined && path[shared] === first.path[shared])) shared++
  if (shared > 0) {
    const child = node(pairs.map(({ path, value }) => ({ path: path.slice(shared), value })))
    return encodeList([encodeBytes(hexPrefix(first.path.slice(0, shared), false)), link(child)])
  }
  const children = Array.from({ length: 16 }, (_, digit) => {
    const below = pairs.filter(({ path }) => path[0] === digit)
    return below.length === 0
      ? encodeBytes(new Uint8Array(0))
      : link(node(below.map(({ path, value }) => ({ path: path.slice(1), value }))))
  })
  return encodeList([...children, encodeBytes(new Uint8Array(0))])
}

function link(child: Uint8Array): Uint8Array {
  return child.length < 32 ? child : encodeBytes(pureCrypto.keccak256(child))
}

function hexPrefix(path: readonly number[], leaf: boolean): Uint8Array {
  const odd = path.length % 2
  const flags = (leaf ? 2 : 0) + odd
  const digits = odd === 1 ? [flags, ...path] : [flags, 0, ...path]
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => (digits[2 * i] ?? 0) * 16 + (digits[2 * i + 1] ?? 0))
}

function nibbles(key: Uint8Array): number[] {
  return [...key].flatMap((byte) => [byte >> 4, byte & 15])
}
