import type { IpAddress } from './ip-address.ts'
import { load } from './ip-words.ts'
import { isWithin, type Networks, networkOf, packNetworks } from './network.ts'

function networks(...texts: string[]): Networks {
  return packNetworks(
    texts.map((text) => {
      const [address = '', bits] = text.split('/')
      return networkOf(address, Number(bits))
    }),
  )
}

const within =
  (list: Networks) =>
  (address: IpAddress | string): boolean =>
    isWithin(list, load(address))

const unspecified = networks('0.0.0.0/32', '::/128')
const loopback = networks('127.0.0.0/8', '::1/128')
const privateUse = networks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7')
const linkLocal = networks('169.254.0.0/16', 'fe80::/10')
const multicast = networks('224.0.0.0/4', 'ff00::/8')
export const lan: Networks = networks(
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
)

// The IANA special-purpose registries (RFC 6890), as far as geth counts them: no node can be reached there.
const special = networks(
  '224.0.0.0/4',
  'ff00::/8',
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
)

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
export const isLan: (address: IpAddress | string) => boolean = within(lan)

/** An address at which no node can be: multicast, broadcast, documentation and the like. */
export const isSpecial: (address: IpAddress | string) => boolean = within(special)
