/**
 * IP addresses, special ranges and the rules devp2p has for them.
 *
 * @module
 */
export { type IpAddress, ipFromBytes, parseIp, toIp } from './ip-address.ts'
export {
  isLan,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isPrivate,
  isSpecial,
  isUnspecified,
} from './ranges.ts'
