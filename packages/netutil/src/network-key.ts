import type { IpAddress } from './ip-address.ts'
import { load } from './ip-words.ts'
import { networkOf } from './network.ts'

/** How much of an address counts. */
export interface NetworkKeyOptions {
  /** 0 to 32, by default all: each address is its own. */
  readonly bits4?: number
  /** 0 to 128, by default 64: whoever has one address of IPv6 has its /64. */
  readonly bits6?: number
}

/**
 * What an address is known by where all that one host may have are to count as one: `192.0.2.1`, `2001:db8::/64`.
 *
 * @throws TypeError for text that is no address
 *
 * @example
 * import { networkKey } from '@ethwire/netutil'
 *
 * console.log(networkKey('2001:db8::1') === networkKey('2001:db8::ffff:2')) // true
 * console.log(networkKey('192.0.2.1', { bits4: 24 })) // 192.0.2.0/24
 */
export function networkKey(address: IpAddress | string, { bits4 = 32, bits6 = 64 }: NetworkKeyOptions = {}): string {
  const family = load(address)
  const bits = family === 4 ? bits4 : bits6
  const { text } = networkOf(address, bits).address
  return bits === (family === 4 ? 32 : 128) ? text : `${text}/${bits}`
}
