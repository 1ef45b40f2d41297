import { type IpAddress, isMulticast, isUnspecified, toIp } from '@ethwire/netutil'
import type { NatMapper } from './nat-mapper.ts'

/**
 * A mapper for whoever knows his external address and has mapped its ports himself, or has no NAT at all. It asks nobody.
 *
 * @throws TypeError for text that is no address, and for an address at which nobody can be reached
 *
 * @example
 * import { extIp } from '@ethwire/nat'
 *
 * const mapper = extIp('8.8.4.4')
 * console.log(mapper.name, await mapper.externalIp()) // extip:8.8.4.4 8.8.4.4
 */
export function extIp(address: IpAddress | string): NatMapper {
  const { text } = toIp(address)
  if (isUnspecified(text) || isMulticast(text)) {
    throw new TypeError(`expected the address that others reach this node at, got ${text}`)
  }
  return {
    name: `extip:${text}`,
    async externalIp({ signal } = {}) {
      signal?.throwIfAborted()
      return text
    },
    async addMapping({ externalPort }, { signal } = {}) {
      signal?.throwIfAborted()
      return externalPort
    },
    async deleteMapping(_mapping, { signal } = {}) {
      signal?.throwIfAborted()
    },
  }
}
