/**
 * Whether two byte strings are the same, in a time that depends on their lengths alone: for MACs, tags and tokens.
 * Strings of different length are unequal.
 *
 * @example
 * import { equalBytes, pureCrypto } from '@ethwire/crypto'
 *
 * const mac = pureCrypto.hmacSha256(new Uint8Array(32), Uint8Array.of(1, 2, 3))
 * console.log(equalBytes(mac, new Uint8Array(32))) // false
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ b[index]!
  return difference === 0
}
