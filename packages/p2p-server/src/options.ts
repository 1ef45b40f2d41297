import type { Crypto } from '@ethwire/crypto'
import type { LocalNode, NodeAddress } from '@ethwire/enr'
import type { Clock, Dial, Listen, Logger, Metrics, Random, Resolver } from '@ethwire/io'
import type { Protocol } from '@ethwire/protocol'
import type { RunHandshake } from './crypto-handshake.ts'

/** A node to be connected: an `enode://` URL, an `enr:` text, or either already read. */
export type NodeInput = string | NodeAddress

/** Options of `createP2pServer`. Defaults are geth's where geth has the option. */
export interface P2pServerOptions {
  /** The node's key, 32 bytes. */
  readonly privateKey: Uint8Array
  /** The process's local node, of the same key, where others share it; by default the server makes its own. */
  readonly localNode?: LocalNode
  /** The client's name, as peers see it: `my-indexer/1.0`. */
  readonly clientId: string
  /** Where to accept connections, default host `0.0.0.0`; absent: nowhere. Port 0 takes a free one. */
  readonly listen?: { readonly host?: string; readonly port: number }
  /** Peers at most, trusted ones not counted. Default 50. */
  readonly maxPeers?: number
  /** Connections that may be in their handshake at once, inbound. Default 50. */
  readonly maxPendingPeers?: number
  /** One in so many peers is dialled, at least one; the rest may be inbound. Default 3. */
  readonly dialRatio?: number
  /** Nodes to be connected always. */
  readonly staticNodes?: readonly NodeInput[]
  /** What is spoken with peers. With none, every peer is useless. */
  readonly protocols: readonly Protocol[]
  readonly crypto?: Crypto
  readonly clock?: Clock
  readonly random?: Random
  readonly dial?: Dial
  readonly bind?: Listen
  readonly resolver?: Resolver
  /** The crypto handshake; in this thread by default. */
  readonly runHandshake?: RunHandshake
  readonly logger?: Logger
  readonly metrics?: Metrics
}
