import { type IpAddress, parseIp } from './ip-address.ts'
import { load } from './ip-words.ts'
import { type IpNetwork, isWithin, networkOf, packNetworks } from './network.ts'

/** Networks in a list at most: each lookup goes through all. */
const maxNetworks = 1024

/** A list of networks, as `--netrestrict` takes it. */
export interface Netlist {
  readonly networks: readonly IpNetwork[]
  /** Whether an address is in one of the networks. @throws TypeError for text that is no address */
  contains(address: IpAddress | string): boolean
  /** The networks in CIDR, separated by commas; `parseNetlist` reads it back. */
  toString(): string
}

/**
 * Reads networks in CIDR, separated by commas: `10.0.0.0/8, 2001:db8::/32`. A bare address is the network of itself alone.
 * Spaces and surplus commas count for nothing, as in geth. An empty list contains no address.
 *
 * @throws TypeError for what is no network; it says which one, and where it stands
 * @throws RangeError for more than 1,024 networks
 *
 * @example
 * import { parseNetlist } from '@ethwire/netutil'
 *
 * const netlist = parseNetlist('10.0.0.0/8, fd00::/8, 192.0.2.7')
 * console.log(netlist.contains('10.1.2.3'), netlist.contains('11.1.2.3'), String(netlist)) // true false 10.0.0.0/8,…
 */
export function parseNetlist(text: string): Netlist {
  const networks: IpNetwork[] = []
  for (const { 0: item, index } of text.matchAll(/[^\s,](?:[^,]*[^\s,])?/g)) {
    if (networks.length === maxNetworks) throw new RangeError(`a netlist has at most ${maxNetworks} networks`)
    networks.push(parseNetwork(item, index))
  }
  const packed = packNetworks(networks)
  return {
    networks,
    contains: (address) => isWithin(packed, load(address)),
    toString: () => networks.map(({ address, bits }) => `${address.text}/${bits}`).join(','),
  }
}

function parseNetwork(text: string, position: number): IpNetwork {
  const fail = (reason: string): never => {
    throw new TypeError(
      `expected networks such as 10.0.0.0/8, got ${JSON.stringify(text.slice(0, 64))} at position ${position}: ${reason}`,
    )
  }
  const slash = text.indexOf('/')
  const addressText = slash < 0 ? text : text.slice(0, slash)
  const bitsText = slash < 0 ? undefined : text.slice(slash + 1)
  const address = parseIp(addressText) ?? fail('no IP address')
  // IPv4 written as IPv6 counts its bits from the start of IPv6.
  const mappedBits = address.family === 4 && addressText.includes(':') ? 96 : 0
  const maxBits = (address.family === 4 ? 32 : 128) + mappedBits
  if (bitsText === undefined) return { address, bits: maxBits - mappedBits }
  const bits = /^(?:0|[1-9]\d{0,2})$/.test(bitsText) ? Number(bitsText) : Number.NaN
  if (!(bits >= mappedBits && bits <= maxBits)) {
    return fail(`expected a prefix length from ${mappedBits} to ${maxBits} after the slash`)
  }
  return networkOf(address, bits - mappedBits)
}
