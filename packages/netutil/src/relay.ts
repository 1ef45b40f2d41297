import type { IpAddress } from './ip-address.ts'
import { load, loadText } from './ip-words.ts'
import { isLan, isLoopback, isSpecial, isUnspecified } from './ranges.ts'

/**
 * Why an address that somebody told us of is not to be contacted: `invalid` (no address at all), `unspecified`, `special`
 * (no node can be there), `loopback` (told by somebody who is not on this machine), `lan` (told by somebody who is not in
 * a local network).
 */
export type RelayRefusal = 'invalid' | 'unspecified' | 'special' | 'loopback' | 'lan'

/**
 * Whether a node at `sender` may tell us of a node at `address`: of this machine only from this machine, of local networks
 * only from such, of the rest from anywhere. Without it a stranger makes us send packets into our own network. The rules
 * and their order are those of geth's `netutil.CheckRelayAddr`.
 *
 * @returns why not, or `undefined` when it may
 * @throws TypeError when `sender` is no address: that is where the packet came from
 *
 * @example
 * import { relayRefusal } from '@ethwire/netutil'
 *
 * console.log(relayRefusal('8.8.8.8', '192.168.0.1'), relayRefusal('10.0.0.1', '192.168.0.1')) // lan undefined
 */
export function relayRefusal(sender: IpAddress | string, address: IpAddress | string): RelayRefusal | undefined {
  load(sender)
  if (typeof address === 'string' && loadText(address) === 0) return 'invalid'
  if (isUnspecified(address)) return 'unspecified'
  if (isSpecial(address)) return 'special'
  if (isLoopback(address)) return isLoopback(sender) ? undefined : 'loopback'
  if (isLan(address) && !isLan(sender)) return 'lan'
  return undefined
}
