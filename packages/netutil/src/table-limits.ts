import type { IpAddress } from './ip-address.ts'
import { load, words } from './ip-words.ts'
import { isWithin, maskOf } from './network.ts'
import { lan } from './ranges.ts'
import { bucketSubnetRules, tableSubnetRules } from './subnet-limits.ts'

/** How many nodes of one network a routing table takes in, in the shape that `@ethwire/kbucket` asks for. */
export interface TableLimits<E> {
  /** A number that entries of one network have in common; `undefined` for those that are not counted. */
  groupOf(entry: E): number | undefined
  readonly rules: readonly TableLimitRule<E>[]
}

/** At most so many nodes of a network. */
export interface TableLimitRule<E> {
  /** `ip4/24`, `ip6/64` or `ip6/48`. */
  readonly name: string
  readonly ofTable: number
  readonly ofBucket: number
  /** Whether both are in one network of this kind. */
  isSameKind(a: E, b: E): boolean
}

/**
 * `tableSubnetRules` and `bucketSubnetRules` for a routing table that counts by itself, so that they cost it next to
 * nothing: of 10,000 IDs of one /24 it takes in ten, two of them in a bucket. Loopback and local networks are exempt.
 *
 * The functions throw a TypeError for an entry whose address is none.
 *
 * @example
 * import { tableLimits } from '@ethwire/netutil'
 *
 * const { groupOf, rules } = tableLimits((ip: string) => ip)
 * console.log(groupOf('127.0.0.1'), rules[0]?.isSameKind('8.8.8.8', '8.8.8.9')) // undefined true
 */
export function tableLimits<E>(addressOf: (entry: E) => IpAddress | string): TableLimits<E> {
  return {
    groupOf(entry) {
      const family = load(addressOf(entry))
      if (isWithin(lan, family)) return undefined
      const first = words[0] as number
      // No rule puts addresses together that differ in these bits.
      return family === 4 ? first >>> 8 : first ^ Math.imul((words[1] as number) >>> 16, 0x9e3779b1)
    },
    rules: tableSubnetRules.map(({ family, bits, max }, index) => ({
      name: `ip${family}/${bits}`,
      ofTable: max,
      ofBucket: bucketSubnetRules[index]?.max ?? max,
      isSameKind(a, b) {
        if (load(addressOf(a)) !== family) return false
        const first = (words[0] as number) & maskOf(bits, 0)
        const second = (words[1] as number) & maskOf(bits, 1)
        if (load(addressOf(b)) !== family) return false
        return ((words[0] as number) & maskOf(bits, 0)) === first && ((words[1] as number) & maskOf(bits, 1)) === second
      },
    })),
  }
}
