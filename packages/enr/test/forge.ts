import { pureCrypto } from '@ethwire/crypto'
import { encodeBytes, encodeList, encodeUint } from '@ethwire/rlp-codec'
import { hexToBytes } from '@noble/hashes/utils.js'
import { eip778 } from './vectors/eip-778.ts'

export const privateKey: Uint8Array = hexToBytes(eip778.privateKey)
export const publicKey: Uint8Array = pureCrypto.publicKey(privateKey)

const text = (value: string): Uint8Array => encodeBytes(new TextEncoder().encode(value))

/** A pair of raw items: the key as text, the value as bytes to be wrapped, or as RLP when it is in an array. */
export type RawPair = readonly [key: string, value: Uint8Array | readonly [rlp: Uint8Array]]

const identity: readonly RawPair[] = [
  ['id', new TextEncoder().encode('v4')],
  ['secp256k1', pureCrypto.compressPublicKey(publicKey)],
]

export const sorted = (pairs: readonly RawPair[]): RawPair[] =>
  [...identity, ...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** Signs whatever it is given, in the order given: rightly signed records that no honest node would make. */
export function forge(
  pairs: readonly RawPair[],
  options: { seq?: Uint8Array; signature?: (signature: Uint8Array) => Uint8Array; extra?: Uint8Array } = {},
): Uint8Array {
  const items = [options.seq ?? encodeUint(1n)]
  for (const [key, value] of pairs) {
    items.push(text(key), value instanceof Uint8Array ? encodeBytes(value) : value[0])
  }
  if (options.extra !== undefined) items.push(options.extra)
  const signature = pureCrypto.sign(pureCrypto.keccak256(encodeList(items)), privateKey).subarray(0, 64)
  return encodeList([encodeBytes(options.signature?.(signature) ?? signature), ...items])
}
