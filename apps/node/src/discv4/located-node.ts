import type { NodeAddress } from '@ethwire/enr'
import type { Resolver, SocketEndpoint } from '@ethwire/io'
import { isUnspecified, parseIp } from '@ethwire/netutil'
import { NodeError, reasonOf } from '../errors.ts'

export interface LocateOptions {
  /** Where we listen; undefined for all addresses. */
  readonly from: SocketEndpoint | undefined
  readonly resolver: Resolver
  readonly signal: AbortSignal
}

/**
 * The node at an address: a name in its URL is looked up, as those of bootnodes are.
 * @throws NodeError `NODE_DISCOVERY` for a name without an address that can be reached from ours
 */
export async function locatedNode(node: NodeAddress, { from, resolver, signal }: LocateOptions): Promise<NodeAddress> {
  const { host, udpPort, tcpPort } = node
  if (host === undefined || parseIp(host) !== undefined || host.includes(':')) return node
  const ip = preferred(await addressesOf(host, resolver, signal), from)
  if (ip === undefined)
    throw new NodeError('NODE_DISCOVERY', `the name ${host} has no address that can be reached from ${from?.ip}`)
  return { ...node, host: ip, endpoints: [{ host: ip, udpPort, tcpPort }] }
}

async function addressesOf(host: string, resolver: Resolver, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await resolver.addresses(host, { signal })
  } catch (error) {
    if (signal.aborted) throw error
    throw new NodeError('NODE_DISCOVERY', reasonOf(error), { cause: error })
  }
}

/** IPv4 before IPv6, which a machine may have in name only. */
function preferred(addresses: readonly string[], from: SocketEndpoint | undefined): string | undefined {
  const families = from === undefined || isUnspecified(from.ip) ? ([4, 6] as const) : [parseIp(from.ip)?.family]
  for (const family of families) {
    const found = addresses.find((address) => parseIp(address)?.family === family)
    if (found !== undefined) return found
  }
  return undefined
}
