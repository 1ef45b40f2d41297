/**
 * The eth protocol with one peer: its messages by version, the exchange of Status, typed requests, serving a chain, the
 * `eth` entry of node records. Knows nothing of sockets or servers.
 *
 * @module
 */
export type { ChainHead, ChainReader, ForkContext, TransactionPoolReader } from './chain-reader.ts'
export { ethEntry, forkFilter } from './entry.ts'
export { type EthNetworkOptions, type EthOptions, eth } from './eth.ts'
export type {
  EthPeer,
  EthPeerEvents,
  EthPeerListener,
  EthRequestOptions,
  HeadersQuery,
  ReceiptsRequestOptions,
  ReceivedHeader,
} from './eth-peer.ts'
export type { Announcement, BlockRange, Status } from './messages.ts'
export type { EthNodeInfo, EthPeerInfo } from './node-info.ts'
export {
  type EthMessages,
  type EthVersion,
  type EthVersionDefinition,
  ethVersions,
  type MessageDefinition,
  type MessageRole,
} from './versions.ts'
