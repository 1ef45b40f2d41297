/**
 * A subprotocol of devp2p as a value: name, versions, messages, limits, requests, and what it gives and takes at its
 * edges. Knows nothing of sockets; a server, a message pipe or a test runs it.
 *
 * @module
 */
export { type Capability, formatCapability } from './capability.ts'
export type { Message, ProtocolConnection, RemotePeer } from './connection.ts'
export { type DefinedProtocol, defineProtocol, type ProtocolDefinition, request } from './define-protocol.ts'
export type {
  FieldsValue,
  HandshakeDefinition,
  MessageDefinition,
  MessageDefinitions,
  RequestDefinition,
} from './definition.ts'
export { DisconnectReason, describeDisconnectReason } from './disconnect-reason.ts'
export { ProtocolError, type ProtocolErrorCode } from './errors.ts'
export type { Protocol, ProtocolLimits, ProtocolRecordEntry, ProtocolVersion } from './protocol.ts'
export {
  createRequestTable,
  type PendingRequest,
  type RequestTable,
  type RequestTableOptions,
} from './request-table.ts'
export type { RequestOptions, TypedPeer } from './typed-peer.ts'
