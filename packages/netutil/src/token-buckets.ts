import { type Random, webRandom } from '@ethwire/io'
import type { IpAddress } from './ip-address.ts'
import { load, words } from './ip-words.ts'
import { createKeyedHash } from './keyed-hash.ts'
import { maskOf } from './network.ts'

export interface TokenBucketsOptions {
  /** Tokens of a bucket that nobody has used. */
  capacity: number
  refillPerSecond: number
  /** How much of an IPv4 address makes a bucket: 32 bits, each address its own, by default; 24 for subnets; 0 for one bucket. */
  bits4?: number
  /** The same of IPv6: 64 bits at most and by default, because whoever has one address has its /64. */
  bits6?: number
  /** Buckets kept; one more takes the place of the one that was used longest ago. 16,384 by default, which is 0.6 MB. */
  maxKeys?: number
  /** Without it senders could choose addresses that are slow to look up. */
  random?: Random
}

/** A budget for each address or network. Times are a monotonic clock's. */
export interface TokenBuckets {
  /**
   * Whether the budget of this address's bucket is not yet spent. Charges nothing and remembers nobody new, so a flood that
   * is dropped here costs no memory.
   * @param scale how many times the capacity and the refill this address has, 1 by default
   * @throws TypeError for text that is no address
   */
  available(address: IpAddress | string, nowMs: number, scale?: number): boolean
  /**
   * Takes `cost` tokens (1 by default), below zero too: whoever is to be refused is refused by `available`. What is owed is
   * bounded by the capacity.
   * @returns what `available` would have said before
   * @throws TypeError for text that is no address
   */
  charge(address: IpAddress | string, nowMs: number, cost?: number, scale?: number): boolean
  /** Buckets in use. */
  readonly size: number
  /** What the buckets in use take: 37 bytes each, and room for as many again until there are `maxKeys`. */
  readonly memoryBytes: number
}

const defaultMaxKeys = 16_384
const firstSlots = 64
const none = -1

/**
 * Makes token buckets for the senders of packets. They are kept in arrays of numbers: a packet allocates nothing, and a
 * flood from forged addresses leaves nothing to the garbage collector.
 *
 * @throws RangeError for options that cannot be
 *
 * @example
 * import { createTokenBuckets } from '@ethwire/netutil'
 *
 * const buckets = createTokenBuckets({ capacity: 100, refillPerSecond: 20 })
 * let passed = 0
 * for (let packet = 0; packet < 20_000; packet++) {
 *   const nowMs = packet / 20
 *   if (!buckets.available('192.0.2.1', nowMs)) continue
 *   buckets.charge('192.0.2.1', nowMs)
 *   passed++
 * }
 * console.log(passed) // 100 at once, 20 more within the second
 */
export function createTokenBuckets(options: TokenBucketsOptions): TokenBuckets {
  const { capacity, refillPerSecond, bits4 = 32, bits6 = 64, maxKeys = defaultMaxKeys, random = webRandom } = options
  if (!(capacity > 0)) throw new RangeError(`expected a capacity above 0, got ${capacity}`)
  if (!(refillPerSecond >= 0)) throw new RangeError(`expected a refill of 0 or more a second, got ${refillPerSecond}`)
  checkWhole('bits4', bits4, 0, 32)
  checkWhole('bits6', bits6, 0, 64)
  checkWhole('maxKeys', maxKeys, 1, 2 ** 20)

  // bounded: maxKeys slots, LRU; as many as were ever not full at once, in powers of two. A bucket is a slot of these arrays.
  // `spent` is what was taken and has not come back, so that a bucket never used and one that is full again are the same.
  let slots = Math.min(firstSlots, maxKeys)
  let families = new Uint8Array(slots)
  let firsts = new Int32Array(slots)
  let seconds = new Int32Array(slots)
  let spent = new Float32Array(slots)
  let times = new Float64Array(slots)
  // From the one used last to the one used longest ago.
  let newer = new Int32Array(slots)
  let older = new Int32Array(slots)
  // Slots whose keys have one hash, chained.
  let chains = new Int32Array(slots)
  let hashBits = bitsFor(slots)
  let heads = new Int32Array(2 ** hashBits).fill(none)
  const mask4 = maskOf(bits4, 0)
  const mask6First = maskOf(bits6, 0)
  const mask6Second = maskOf(bits6, 1)
  const keyedHash = createKeyedHash(random)

  let size = 0
  let newest = none
  let oldest = none
  // The key of the address at hand.
  let family: 4 | 6 = 4
  let first = 0
  let second = 0

  const take = (address: IpAddress | string): void => {
    family = load(address)
    first = (words[0] as number) & (family === 4 ? mask4 : mask6First)
    second = family === 4 ? 0 : (words[1] as number) & mask6Second
  }

  const hash = (ofFamily: number, ofFirst: number, ofSecond: number): number =>
    hashBits === 0 ? 0 : keyedHash(ofFirst, ofSecond, ofFamily) >>> (32 - hashBits)

  const find = (): number => {
    let slot = heads[hash(family, first, second)] as number
    while (slot !== none && (firsts[slot] !== first || seconds[slot] !== second || families[slot] !== family)) {
      slot = chains[slot] as number
    }
    return slot
  }

  const unchain = (slot: number): void => {
    const at = hash(families[slot] as number, firsts[slot] as number, seconds[slot] as number)
    const next = chains[slot] as number
    if (heads[at] === slot) {
      heads[at] = next
      return
    }
    let before = heads[at] as number
    while (chains[before] !== slot) before = chains[before] as number
    chains[before] = next
  }

  const unlink = (slot: number): void => {
    const after = newer[slot] as number
    const before = older[slot] as number
    if (after === none) newest = before
    else older[after] = before
    if (before === none) oldest = after
    else newer[before] = after
  }

  const linkNewest = (slot: number): void => {
    newer[slot] = none
    older[slot] = newest
    if (newest === none) oldest = slot
    else newer[newest] = slot
    newest = slot
  }

  const touch = (slot: number): void => {
    if (slot === newest) return
    unlink(slot)
    linkNewest(slot)
  }

  const chain = (slot: number): void => {
    const at = hash(families[slot] as number, firsts[slot] as number, seconds[slot] as number)
    chains[slot] = heads[at] as number
    heads[at] = slot
  }

  const grow = (): void => {
    slots = Math.min(2 * slots, maxKeys)
    families = resized(families, new Uint8Array(slots))
    firsts = resized(firsts, new Int32Array(slots))
    seconds = resized(seconds, new Int32Array(slots))
    spent = resized(spent, new Float32Array(slots))
    times = resized(times, new Float64Array(slots))
    newer = resized(newer, new Int32Array(slots))
    older = resized(older, new Int32Array(slots))
    chains = new Int32Array(slots)
    hashBits = bitsFor(slots)
    heads = new Int32Array(2 ** hashBits).fill(none)
    for (let slot = 0; slot < size; slot++) chain(slot)
  }

  /** One of the buckets unused for longest that is as if it had never been used. */
  const fullAgain = (nowMs: number): number => {
    let slot = oldest
    for (let looked = 0; looked < 8 && slot !== none; looked++) {
      if (spentNow(slot, nowMs, 1) === 0) return slot
      slot = newer[slot] as number
    }
    return none
  }

  const insert = (nowMs: number): number => {
    let slot = size === slots ? fullAgain(nowMs) : none
    if (slot === none && size === maxKeys) slot = oldest
    if (slot === none) {
      if (size === slots) grow()
      slot = size++
    } else {
      unlink(slot)
      unchain(slot)
    }
    families[slot] = family
    firsts[slot] = first
    seconds[slot] = second
    spent[slot] = 0
    times[slot] = nowMs
    chain(slot)
    linkNewest(slot)
    return slot
  }

  /** What is spent of a bucket now. */
  const spentNow = (slot: number, nowMs: number, scale: number): number => {
    const elapsedMs = Math.max(0, nowMs - (times[slot] as number))
    return Math.max(0, (spent[slot] as number) - (elapsedMs * refillPerSecond * scale) / 1000)
  }

  return {
    available(address, nowMs, scale = 1) {
      take(address)
      const slot = find()
      if (slot === none) return true
      // Whoever goes on sending must not be forgotten for it, or the budget would begin anew.
      touch(slot)
      return spentNow(slot, nowMs, scale) + 1 <= capacity * scale
    },
    charge(address, nowMs, cost = 1, scale = 1) {
      take(address)
      let slot = find()
      if (slot === none) slot = insert(nowMs)
      else touch(slot)
      const before = spentNow(slot, nowMs, scale)
      spent[slot] = Math.min(before + cost, 2 * capacity * scale)
      times[slot] = Math.max(nowMs, times[slot] as number)
      return before + 1 <= capacity * scale
    },
    get size() {
      return size
    },
    get memoryBytes() {
      const arrays = [families, firsts, seconds, spent, times, newer, older, chains, heads]
      return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
    },
  }
}

/** How many bits number the chains of as many slots: one chain a slot, or a little more. */
function bitsFor(slots: number): number {
  return 32 - Math.clz32(slots - 1)
}

function resized<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`expected ${name} to be a whole number from ${least} to ${most}, got ${value}`)
  }
}
