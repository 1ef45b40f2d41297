import type { NodeAddress } from '@ethwire/enr'
import type { Resolver, SocketEndpoint } from '@ethwire/io'
import { type IpAddress, isMulticast, isUnspecified, parseIp } from '@ethwire/netutil'

/** The addresses of one name that are tried. */
const MAX_ADDRESSES_PER_NAME = 8

/** The addresses that may be spoken with. A `Netlist` of `@ethwire/netutil` is one. */
export interface NetRestrict {
  contains(ip: IpAddress | string): boolean
}

export interface DialAddressesOptions {
  readonly resolver: Resolver
  readonly netRestrict?: NetRestrict
  readonly signal?: AbortSignal
}

/** What a node can be dialled at. */
export interface DialAddresses {
  /** The best first. */
  readonly endpoints: readonly SocketEndpoint[]
  /** How many there would have been besides, were it not for `netRestrict`. */
  readonly restricted: number
}

/**
 * The addresses to dial a node at. Names are looked up, and what they stand for is held to the same rules as an address
 * in a record: a name is no way around `netRestrict`.
 *
 * @throws what the resolver throws for a name
 */
export async function dialAddresses(node: NodeAddress, options: DialAddressesOptions): Promise<DialAddresses> {
  const { resolver, netRestrict, signal } = options
  const endpoints: SocketEndpoint[] = []
  let restricted = 0
  for (const { host, tcpPort: port } of node.endpoints) {
    if (port === 0) continue
    const literal = parseIp(host)
    const texts = literal === undefined ? await resolver.addresses(host, signal && { signal }) : [literal.text]
    for (const text of texts.slice(0, MAX_ADDRESSES_PER_NAME)) {
      const ip = parseIp(text)
      if (ip === undefined || isUnspecified(ip) || isMulticast(ip)) continue
      if (netRestrict !== undefined && !netRestrict.contains(ip)) restricted++
      else endpoints.push({ ip: ip.text, port })
    }
  }
  return { endpoints, restricted }
}

/** Why no address of a node may be dialled; undefined if one may, or if its name has to be looked up first. */
export function addressRefusal(
  { endpoints }: NodeAddress,
  netRestrict: NetRestrict | undefined,
): 'no-address' | 'no-port' | 'netrestrict' | undefined {
  if (endpoints.length === 0) return 'no-address'
  const dialable = endpoints.filter(({ tcpPort }) => tcpPort !== 0)
  if (dialable.length === 0) return 'no-port'
  if (netRestrict === undefined) return undefined
  const mayBe = ({ host }: { host: string }): boolean => {
    const ip = parseIp(host)
    return ip === undefined || netRestrict.contains(ip)
  }
  return dialable.some(mayBe) ? undefined : 'netrestrict'
}
