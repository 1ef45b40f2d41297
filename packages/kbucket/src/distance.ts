/** Nodes in a bucket: Kademlia's k. */
export const bucketSize = 16
/** Nodes that wait to take the place of one that fails, in each bucket. */
export const maxReplacements = 10
/** Buckets for the distances 240 to 256. Nearer nodes are next to impossible to meet and share the first bucket. */
export const bucketCount = 17
/** The distance of the first bucket, and all that is nearer. */
export const firstBucketDistance = 240

/** Length of an ID in bytes: keccak-256 of a public key. */
const idBytes = 32

/** The first 32 bits of an ID as an integer. */
export function firstWord(id: Uint8Array): number {
  return (id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!
}

/** Whether two IDs are the same. */
export function sameId(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  for (let at = 0; at < idBytes; at += 4) {
    const differs =
      (a[at]! ^ b[at]!) | (a[at + 1]! ^ b[at + 1]!) | (a[at + 2]! ^ b[at + 2]!) | (a[at + 3]! ^ b[at + 3]!)
    if (differs !== 0) return false
  }
  return true
}

/**
 * The logarithmic distance of two IDs of 32 bytes: 256 less the number of leading bits that they share, so 0 for an ID
 * and itself and 256 where the first bit differs.
 *
 * @throws RangeError for an ID of another length
 */
export function logDistance(a: Uint8Array, b: Uint8Array): number {
  checkId(a)
  checkId(b)
  for (let index = 0; index < idBytes; index++) {
    const difference = a[index]! ^ b[index]!
    if (difference !== 0) return (idBytes - index) * 8 - (Math.clz32(difference) - 24)
  }
  return 0
}

/**
 * Whether `a` or `b` is nearer to `target`, by exclusive or: negative for `a`, positive for `b`, 0 where they are the
 * same ID. Fit for `sort`.
 *
 * @throws RangeError for an ID of another length
 */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  checkId(target)
  checkId(a)
  checkId(b)
  return nearer(target, a, b)
}

/** `compareDistance` for IDs that were checked before. */
export function nearer(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < idBytes; index++) {
    if (a[index] !== b[index]) return (a[index]! ^ target[index]!) - (b[index]! ^ target[index]!)
  }
  return 0
}

/**
 * The bucket, 0 to 16, in which the table of `self` has `id`: that of their distance less 240, or the first.
 *
 * @throws RangeError for an ID of another length
 */
export function bucketIndex(self: Uint8Array, id: Uint8Array): number {
  checkId(self)
  checkId(id)
  return bucketOfDifference(firstWord(self) ^ firstWord(id))
}

/** The bucket for IDs whose first 32 bits differ so: the topmost 16 bits decide. */
export function bucketOfDifference(difference: number): number {
  return 32 - Math.clz32(difference >>> 16)
}

/** @throws RangeError unless it has the length of an ID */
export function checkId(id: Uint8Array): void {
  if (id.length !== idBytes) throw new RangeError(`expected an ID of ${idBytes} bytes, got ${id.length}`)
}
