import { type IpAddress, toIp } from './ip-address.ts'

/** The network of a prefix: an address's first `bits` bits. */
interface Range {
  readonly prefix: Uint8Array
  readonly bits: number
}

function ranges(...networks: string[]): readonly Range[] {
  return networks.map((network) => {
    const [address = '', bits] = network.split('/')
    return { prefix: toIp(address).bytes, bits: Number(bits) }
  })
}

function contains({ prefix, bits }: Range, bytes: Uint8Array): boolean {
  const whole = bits >> 3
  for (let index = 0; index < whole; index++) if (bytes[index] !== prefix[index]) return false
  const rest = bits & 7
  return rest === 0 || ((bytes[whole] ?? 0) ^ (prefix[whole] ?? 0)) >> (8 - rest) === 0
}

/** Ranges of both families. */
interface Ranges {
  readonly 4: readonly Range[]
  readonly 6: readonly Range[]
}

const within =
  (list: Ranges) =>
  (address: IpAddress | string): boolean => {
    const { family, bytes } = toIp(address)
    return list[family].some((range) => contains(range, bytes))
  }

const unspecified: Ranges = { 4: ranges('0.0.0.0/32'), 6: ranges('::/128') }
const loopback: Ranges = { 4: ranges('127.0.0.0/8'), 6: ranges('::1/128') }
const privateUse: Ranges = { 4: ranges('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'), 6: ranges('fc00::/7') }
const linkLocal: Ranges = { 4: ranges('169.254.0.0/16'), 6: ranges('fe80::/10') }
const multicast: Ranges = { 4: ranges('224.0.0.0/4'), 6: ranges('ff00::/8') }

// The IANA special-purpose registries (RFC 6890), as far as geth counts them: no node can be reached there.
const special: Ranges = {
  4: ranges(
    '0.0.0.0/8',
    '192.0.0.0/29',
    '192.0.0.9/32',
    '192.0.0.170/32',
    '192.0.0.171/32',
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '255.255.255.255/32',
  ),
  6: ranges(
    '100::/64',
    '2001::/32',
    '2001:1::1/128',
    '2001:2::/48',
    '2001:3::/32',
    '2001:4:112::/48',
    '2001:5::/32',
    '2001:10::/28',
    '2001:20::/28',
    '2001:db8::/32',
    '2002::/16',
  ),
}

const inSpecial = within(special)

/** `0.0.0.0` or `::`. All of these take an address or its text, and throw a TypeError for text that is none. */
export const isUnspecified: (address: IpAddress | string) => boolean = within(unspecified)

/** `127.0.0.0/8` or `::1`. */
export const isLoopback: (address: IpAddress | string) => boolean = within(loopback)

/** RFC 1918, or a unique local address of RFC 4193. */
export const isPrivate: (address: IpAddress | string) => boolean = within(privateUse)

/** `169.254.0.0/16` or `fe80::/10`. */
export const isLinkLocal: (address: IpAddress | string) => boolean = within(linkLocal)

/** `224.0.0.0/4` or `ff00::/8`. */
export const isMulticast: (address: IpAddress | string) => boolean = within(multicast)

/** An address of the local network or of this machine: loopback, private or link-local. */
export function isLan(address: IpAddress | string): boolean {
  const ip = toIp(address)
  return isLoopback(ip) || isPrivate(ip) || isLinkLocal(ip)
}

/** An address at which no node can be: multicast, broadcast, documentation and the like. */
export function isSpecial(address: IpAddress | string): boolean {
  const ip = toIp(address)
  return isMulticast(ip) || inSpecial(ip)
}
