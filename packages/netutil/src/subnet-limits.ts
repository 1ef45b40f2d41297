import type { IpAddress } from './ip-address.ts'
import { load } from './ip-words.ts'
import { isWithin } from './network.ts'
import { lan } from './ranges.ts'
import { createSubnetCounts, type SubnetCounts } from './subnet-counts.ts'

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

const noRules: readonly Counted[] = []

interface Counted extends SubnetRule {
  readonly refusal: SubnetRefusal
  readonly counts: SubnetCounts
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
      .map((rule) => ({
        ...checked(rule),
        refusal: `ip${rule.family}/${rule.bits}`,
        counts: createSubnetCounts(rule.bits),
      }))
  const rules = { 4: ofFamily(4), 6: ofFamily(6) }
  let size = 0

  /** The rules for the address, which is loaded then. */
  const rulesFor = (address: IpAddress | string): readonly Counted[] => {
    const family = load(address)
    return !countLan && isWithin(lan, family) ? noRules : rules[family]
  }

  return {
    add(address) {
      const applied = rulesFor(address)
      for (let at = 0; at < applied.length; at++) {
        const rule = applied[at] as Counted
        if (rule.counts.increment(rule.max)) continue
        for (let before = 0; before < at; before++) applied[before]?.counts.decrement()
        return rule.refusal
      }
      if (applied.length > 0) size++
      return undefined
    },
    remove(address) {
      const applied = rulesFor(address)
      for (let at = 0; at < applied.length; at++) {
        const { counts } = applied[at] as Counted
        if (counts.decrement()) continue
        for (let before = 0; before < at; before++) applied[before]?.counts.increment(Number.POSITIVE_INFINITY)
        return
      }
      if (applied.length > 0) size--
    },
    count: (address) => rulesFor(address)[0]?.counts.get() ?? 0,
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
