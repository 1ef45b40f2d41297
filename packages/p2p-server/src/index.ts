/**
 * The running devp2p server: connections in and out, hello, capabilities, peers and their subprotocols, admission and
 * limits. It imports no discovery and no subprotocol: both are handed to it.
 *
 * @module
 */
export type { Allowance } from './allowance.ts'
export type { BandwidthOptions } from './bandwidth.ts'
export type { ServerReputation } from './conduct.ts'
export { type HandshakeResult, type RunHandshake, type RunHandshakeOptions, runHandshake } from './crypto-handshake.ts'
export { type DialHelloOptions, type DialHelloResult, dialHello } from './dial-hello.ts'
export type { Discovery, DiscoveryContext, DiscoveryFactory } from './discovery.ts'
export type { DropperOptions } from './dropper.ts'
export { P2pError, type P2pErrorCode } from './errors.ts'
export type { EventStreamOptions, P2pServerEventStream } from './event-streams.ts'
export type { NodeInfo, PeerInfo } from './info.ts'
export type { NodeDatabase } from './node-database.ts'
export type { DiscoveryAddress, ListenOptions, NodeInput, P2pServerOptions } from './options.ts'
export type { Peer } from './peer.ts'
export type { QuotaConfig, QuotaPolicy, Quotas, ServerPolicy } from './quotas.ts'
export type { AdmissionRule, InboundRule, P2pRule } from './rules.ts'
export { createP2pServer, type P2pServer } from './server.ts'
export type { MessageEvent, P2pServerEvent, P2pServerEvents, SetupStage } from './server-events.ts'
export type { MessageTraffic } from './traffic.ts'
export type { MessageRules, NewTransport, RlpxTransport, TransportOptions, WireMessage } from './transport.ts'
