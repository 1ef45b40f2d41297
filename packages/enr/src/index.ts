/**
 * Ethereum node identities: node IDs, node records (EIP-778), enode URLs, the local node.
 *
 * @module
 */
export { type EnodeUrl, formatEnode, parseEnode } from './enode-url.ts'
export {
  idEntry,
  ip6Entry,
  ipEntry,
  secp256k1Entry,
  tcp6Entry,
  tcpEntry,
  udp6Entry,
  udpEntry,
} from './entries.ts'
export { defineEntry, type EntryValue, type RecordEntry } from './entry.ts'
export { EnrError, type EnrErrorCode } from './errors.ts'
export {
  createLocalNode,
  type LocalNode,
  type LocalNodeOptions,
  type PredictedEndpoint,
  type SequenceStore,
} from './local-node.ts'
export { type NodeAddress, type NodeEndpoint, nodeFromEnode, nodeFromRecord, parseNode } from './node-address.ts'
export { type CryptoOption, formatNodeId, type NodeId, nodeIdFromPublicKey, parseNodeId } from './node-id.ts'
export {
  type DecodeRecordOptions,
  decodeRecord,
  maxRecordBytes,
  type NodeRecord,
  parseRecord,
  type SignRecordOptions,
  signRecord,
} from './record.ts'
