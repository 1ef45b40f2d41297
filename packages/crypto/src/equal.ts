/**
 * Whether two byte strings are the same, in a time that depends on their lengths alone: for MACs, tags and tokens.
 * Strings of different length are unequal.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ b[index]!
  return difference === 0
}
