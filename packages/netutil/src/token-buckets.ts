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
  /** What the buckets in use take: 36 bytes each, and room for as many again until there are `maxKeys`. */
  readonly memoryBytes: number
}

const defaultMaxKeys = 16_384
const firstSlots = 64
const none = -1

/**
 * A bucket is a record of 32 bytes, so that a packet fetches one line of memory for it. Its fields, in words of 32 bits:
 * the two of its key; the next with the same hash, with the key's family; the one used next and the one used before it;
 * what is spent, a 32-bit float; and since when, a 64-bit float.
 */
const recordWords = 8
const firstField = 0
const secondField = 1
const chainField = 2
const newerField = 3
const olderField = 4
const spentField = 5
const timeField = 3 // in words of 64 bits, of which a record has four

/**
 * Makes token buckets for the senders of packets. They are kept in an array of numbers: a packet allocates nothing, and a
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

  // bounded: maxKeys records, LRU; as many as were ever not full at once, in powers of two. `spent` is what was taken and
  // has not come back, so that a bucket never used and one that is full again are the same.
  let slots = Math.min(firstSlots, maxKeys)
  let records = new Int32Array(slots * recordWords)
  let spent = new Float32Array(records.buffer)
  let times = new Float64Array(records.buffer)
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

  const hash = (ofFirst: number, ofSecond: number, ofFamily: number): number =>
    hashBits === 0 ? 0 : keyedHash(ofFirst, ofSecond, ofFamily) >>> (32 - hashBits)

  const hashOf = (slot: number): number => {
    const at = slot * recordWords
    const chain = records[at + chainField] as number
    return hash(records[at + firstField] as number, records[at + secondField] as number, familyOf(chain))
  }

  const find = (): number => {
    let slot = heads[hash(first, second, family)] as number
    while (slot !== none) {
      const at = slot * recordWords
      const chain = records[at + chainField] as number
      const isSame = records[at + firstField] === first && records[at + secondField] === second
      if (isSame && familyOf(chain) === family) return slot
      slot = nextOf(chain)
    }
    return none
  }

  const setNext = (slot: number, next: number): void => {
    const at = slot * recordWords + chainField
    records[at] = chainOf(next, familyOf(records[at] as number))
  }

  const next = (slot: number): number => nextOf(records[slot * recordWords + chainField] as number)
  const newer = (slot: number): number => records[slot * recordWords + newerField] as number
  const older = (slot: number): number => records[slot * recordWords + olderField] as number

  const unchain = (slot: number): void => {
    const at = hashOf(slot)
    if (heads[at] === slot) {
      heads[at] = next(slot)
      return
    }
    let before = heads[at] as number
    while (next(before) !== slot) before = next(before)
    setNext(before, next(slot))
  }

  const unlink = (slot: number): void => {
    const after = newer(slot)
    const before = older(slot)
    if (after === none) newest = before
    else records[after * recordWords + olderField] = before
    if (before === none) oldest = after
    else records[before * recordWords + newerField] = after
  }

  const linkNewest = (slot: number): void => {
    records[slot * recordWords + newerField] = none
    records[slot * recordWords + olderField] = newest
    if (newest === none) oldest = slot
    else records[newest * recordWords + newerField] = slot
    newest = slot
  }

  const touch = (slot: number): void => {
    if (slot === newest) return
    unlink(slot)
    linkNewest(slot)
  }

  const chain = (slot: number): void => {
    const at = hashOf(slot)
    setNext(slot, heads[at] as number)
    heads[at] = slot
  }

  const grow = (): void => {
    slots = Math.min(2 * slots, maxKeys)
    const larger = new Int32Array(slots * recordWords)
    larger.set(records)
    records = larger
    spent = new Float32Array(records.buffer)
    times = new Float64Array(records.buffer)
    hashBits = bitsFor(slots)
    heads = new Int32Array(2 ** hashBits).fill(none)
    for (let slot = 0; slot < size; slot++) chain(slot)
  }

  /** One of the buckets unused for longest that is as if it had never been used. */
  const fullAgain = (nowMs: number): number => {
    let slot = oldest
    for (let looked = 0; looked < 8 && slot !== none; looked++) {
      if (spentNow(slot, nowMs, 1) === 0) return slot
      slot = newer(slot)
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
    const at = slot * recordWords
    records[at + firstField] = first
    records[at + secondField] = second
    records[at + chainField] = chainOf(none, family)
    spent[at + spentField] = 0
    times[at / 2 + timeField] = nowMs
    chain(slot)
    linkNewest(slot)
    return slot
  }

  /** What is spent of a bucket now. */
  const spentNow = (slot: number, nowMs: number, scale: number): number => {
    const at = slot * recordWords
    const elapsedMs = Math.max(0, nowMs - (times[at / 2 + timeField] as number))
    return Math.max(0, (spent[at + spentField] as number) - (elapsedMs * refillPerSecond * scale) / 1000)
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
      const at = slot * recordWords
      spent[at + spentField] = Math.min(before + cost, 2 * capacity * scale)
      times[at / 2 + timeField] = Math.max(nowMs, times[at / 2 + timeField] as number)
      return before + 1 <= capacity * scale
    },
    get size() {
      return size
    },
    get memoryBytes() {
      return records.byteLength + heads.byteLength
    },
  }
}

/** How many bits number the chains of as many slots: one chain a slot, or a little more. */
function bitsFor(slots: number): number {
  return 32 - Math.clz32(slots - 1)
}

/** A chain field: who comes next in the chain, and the family of the key at hand. */
function chainOf(next: number, family: 4 | 6): number {
  return ((next + 1) << 1) | (family === 6 ? 1 : 0)
}

function nextOf(chain: number): number {
  return (chain >> 1) - 1
}

function familyOf(chain: number): 4 | 6 {
  return (chain & 1) === 1 ? 6 : 4
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`expected ${name} to be a whole number from ${least} to ${most}, got ${value}`)
  }
}
