/**
 * The running devp2p server: connections in and out, hello, capabilities, peers and their subprotocols, admission and
 * limits. It imports no discovery and no subprotocol: both are handed to it.
 *
 * @module
 */
export { type HandshakeResult, type RunHandshake, type RunHandshakeOptions, runHandshake } from './crypto-handshake.ts'
export { type DialHelloOptions, type DialHelloResult, dialHello } from './dial-hello.ts'
export type { Discovery, DiscoveryContext, DiscoveryFactory } from './discovery.ts'
export { P2pError, type P2pErrorCode } from './errors.ts'
export type { NodeInfo, PeerInfo } from './info.ts'
export type { NodeDatabase } from './node-database.ts'
export type { ListenOptions, NodeInput, P2pServerOptions } from './options.ts'
export type { Peer } from './peer.ts'
export { createP2pServer, type P2pServer } from './server.ts'
export type { P2pServerEvents } from './server-events.ts'
