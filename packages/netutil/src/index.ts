/**
 * IP addresses, special ranges and the rules devp2p has for them.
 *
 * @module
 */
export {
  createEndpointVotes,
  type EndpointVotes,
  type EndpointVotesOptions,
  type SeenEndpoint,
  type StatementRefusal,
} from './endpoint-votes.ts'
export { type IpAddress, ipFromBytes, parseIp, toIp } from './ip-address.ts'
export { type Netlist, parseNetlist } from './netlist.ts'
export type { IpNetwork } from './network.ts'
export { type NetworkKeyOptions, networkKey } from './network-key.ts'
export {
  isLan,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isPrivate,
  isSpecial,
  isUnspecified,
} from './ranges.ts'
export { type RelayRefusal, relayRefusal } from './relay.ts'
export {
  bucketSubnetRules,
  createSubnetLimits,
  type SubnetLimits,
  type SubnetLimitsOptions,
  type SubnetRefusal,
  type SubnetRule,
  tableSubnetRules,
} from './subnet-limits.ts'
export { type TableLimitRule, type TableLimits, tableLimits } from './table-limits.ts'
export { createTokenBuckets, type TokenBuckets, type TokenBucketsOptions } from './token-buckets.ts'
