import type { IpAddress } from './ip-address.ts'
import { load, words } from './ip-words.ts'
import { isWithin } from './network.ts'
import { lan } from './ranges.ts'

/** At most `max` addresses of one family that have the first `bits` in common. */
export interface SubnetRule {
  readonly family: 4 | 6
  /** 1 to 32, of IPv6 1 to 64: whoever has one address of IPv6 has its /64. */
  readonly bits: number
  readonly max: number
}

/** The rule that an address would break: `ip4/24`, `ip6/64`. */
export type SubnetRefusal = `ip${4 | 6}/${number}`

/** Counts addresses by their networks. An address that is there twice counts twice. */
export interface SubnetLimits {
  /**
   * Counts an address in.
   * @returns the first rule that this would break, and then nothing was counted; `undefined` when it is in
   * @throws TypeError for text that is no address
   */
  add(address: IpAddress | string): SubnetRefusal | undefined
  /** Counts an address out that was added. One that never was changes nothing, unless its network has others. */
  remove(address: IpAddress | string): void
  /** Addresses counted in the network of this one, by the first rule of its family; 0 for what no rule counts. */
  count(address: IpAddress | string): number
  /** Addresses that are counted by some rule. */
  readonly size: number
}

export interface SubnetLimitsOptions {
  /** The order is the order in which refusals are named. */
  rules: readonly SubnetRule[]
  /** Also count loopback and local networks, which are exempt otherwise: there one person's nodes are neighbours. */
  countLan?: boolean
}

/**
 * What a routing table may hold as a whole: ten nodes of an IPv4 /24, ten of an IPv6 /64, twenty of a /48. geth counts the
 * first 24 bits of either family, which of IPv6 is a whole provider.
 */
export const tableSubnetRules: readonly SubnetRule[] = [
  { family: 4, bits: 24, max: 10 },
  { family: 6, bits: 64, max: 10 },
  { family: 6, bits: 48, max: 20 },
]

/** What one bucket may hold: two nodes of an IPv4 /24, two of an IPv6 /64, four of a /48. */
export const bucketSubnetRules: readonly SubnetRule[] = [
  { family: 4, bits: 24, max: 2 },
  { family: 6, bits: 64, max: 2 },
  { family: 6, bits: 48, max: 4 },
]

interface Counted extends SubnetRule {
  readonly refusal: SubnetRefusal
  /** By the network's number or, for what a number does not hold, its bytes as text. bounded: the addresses added */
  counts: Map<number | string, number> | undefined
}

/** The network that the address loaded last is in, as a key of a map: the cheapest thing that tells them apart. */
function keyOf(bits: number): number | string {
  const first = words[0] as number
  if (bits <= 32) return first >> (32 - bits)
  const second = (words[1] as number) >>> (64 - bits)
  // A number is exact up to 53 bits.
  if (bits <= 53) return (first >>> 0) * 2 ** (bits - 32) + second
  return String.fromCharCode(first >>> 16, first & 0xffff, second >>> 16, second & 0xffff)
}

/**
 * Makes a counter that keeps an attacker with many IDs and few networks from filling a table.
 *
 * @throws RangeError for a rule that cannot be
 *
 * @example
 * import { bucketSubnetRules, createSubnetLimits } from '@ethwire/netutil'
 *
 * const limits = createSubnetLimits({ rules: bucketSubnetRules })
 * for (const ip of ['8.8.8.1', '8.8.8.2', '8.8.8.3']) console.log(ip, limits.add(ip)) // the third: ip4/24
 */
export function createSubnetLimits(options: SubnetLimitsOptions): SubnetLimits {
  const { countLan = false } = options
  const ofFamily = (wanted: 4 | 6): Counted[] =>
    options.rules
      .filter(({ family }) => family === wanted)
      .map((rule) => ({ ...checked(rule), refusal: `ip${rule.family}/${rule.bits}`, counts: undefined }))
  const rules = { 4: ofFamily(4), 6: ofFamily(6) }
  let size = 0

  /** The rules for the address, which is loaded then. */
  const rulesFor = (address: IpAddress | string): readonly Counted[] => {
    const family = load(address)
    return !countLan && isWithin(lan, family) ? [] : rules[family]
  }

  return {
    add(address) {
      const applied = rulesFor(address)
      for (const { counts, bits, max, refusal } of applied) {
        if (max <= (counts?.get(keyOf(bits)) ?? 0)) return refusal
      }
      for (const rule of applied) {
        const key = keyOf(rule.bits)
        rule.counts ??= new Map()
        rule.counts.set(key, (rule.counts.get(key) ?? 0) + 1)
      }
      if (applied.length > 0) size++
      return undefined
    },
    remove(address) {
      const applied = rulesFor(address)
      // Either all of the address's networks have it or none does: the others follow the narrowest.
      for (const { counts, bits } of applied) if (!counts?.has(keyOf(bits))) return
      for (const { counts, bits } of applied) {
        const key = keyOf(bits)
        const count = counts?.get(key) ?? 0
        if (count > 1) counts?.set(key, count - 1)
        else counts?.delete(key)
      }
      if (applied.length > 0) size--
    },
    count(address) {
      const [rule] = rulesFor(address)
      return rule?.counts?.get(keyOf(rule.bits)) ?? 0
    },
    get size() {
      return size
    },
  }
}

function checked(rule: SubnetRule): SubnetRule {
  const maxBits = rule.family === 4 ? 32 : 64
  if (!Number.isInteger(rule.bits) || rule.bits < 1 || rule.bits > maxBits) {
    throw new RangeError(`a rule for IPv${rule.family} has 1 to ${maxBits} bits, got ${rule.bits}`)
  }
  if (!Number.isInteger(rule.max) || rule.max < 1) {
    throw new RangeError(`a rule lets in at least one address, got ${rule.max}`)
  }
  return rule
}
