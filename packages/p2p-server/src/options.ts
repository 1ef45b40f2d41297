import type { Crypto } from '@ethwire/crypto'
import type { NetRestrict, NodeSource } from '@ethwire/dialer'
import type { LocalNode, NodeAddress } from '@ethwire/enr'
import type { BindDatagram, Clock, Dial, Listen, Logger, Metrics, Random, Resolver } from '@ethwire/io'
import type { NatMapper } from '@ethwire/nat'
import type { Protocol } from '@ethwire/protocol'
import type { RunHandshake } from './crypto-handshake.ts'
import type { DiscoveryFactory } from './discovery.ts'
import type { NodeDatabase } from './node-database.ts'

/** A node to be connected: an `enode://` URL, an `enr:` text, or either already read. */
export type NodeInput = string | NodeAddress

/** Where a server is reached. */
export interface ListenOptions {
  /** Default `0.0.0.0`. */
  readonly host?: string
  /** For TCP; 0 takes a free one. */
  readonly port: number
  /** For UDP; by default the same number as for TCP. */
  readonly udpPort?: number
}

/** Options of `createP2pServer`. Defaults are geth's where geth has the option. */
export interface P2pServerOptions {
  /** The node's key, 32 bytes. */
  readonly privateKey: Uint8Array
  /** The process's local node, of the same key, where others share it; by default the server makes its own. */
  readonly localNode?: LocalNode
  /** The client's name, as peers see it: `my-indexer/1.0`. */
  readonly clientId: string
  /** Where to accept connections; absent: nowhere. Discovery then takes any free port. */
  readonly listen?: ListenOptions
  /** Peers at most, trusted ones not counted. Default 50. */
  readonly maxPeers?: number
  /** Connections that may be in their handshake at once, inbound; and dials at a time. Default 50. */
  readonly maxPendingPeers?: number
  /** One in so many peers is dialled, at least one; the rest may be inbound. Default 3. */
  readonly dialRatio?: number
  /** Nodes to be connected always, as far as there are places for dialled peers. */
  readonly staticNodes?: readonly NodeInput[]
  /** How nodes are found. The protocols share one UDP socket; the first sees each packet first. */
  readonly discovery?: readonly DiscoveryFactory[]
  /** Where candidates come from besides: any async iterable of node addresses or records. */
  readonly sources?: readonly NodeSource[]
  /** Whether a candidate may be worth a dial: the fork filter of the application's chain. Static nodes are not asked about. */
  readonly dialFilter?: (node: NodeAddress) => boolean | Promise<boolean>
  /**
   * What is remembered of nodes over restarts; without one, discovery remembers nothing. Its owner closes it. That is the
   * server for one that comes as a promise, which nobody else may have in hand.
   */
  readonly nodeDatabase?: NodeDatabase | Promise<NodeDatabase>
  /** The only addresses to dial and to accept connections from, whatever a record or a name says. */
  readonly netRestrict?: NetRestrict
  /** Who knows our external address, and can have its ports lead here. */
  readonly nat?: NatMapper
  /** Starts no discovery. */
  readonly noDiscovery?: boolean
  /** `false` leaves the discovery protocol of the name `discv4` unstarted. */
  readonly discoveryV4?: boolean
  /** What is spoken with peers. With none, every peer is useless. */
  readonly protocols: readonly Protocol[]
  readonly crypto?: Crypto
  readonly clock?: Clock
  readonly random?: Random
  readonly dial?: Dial
  readonly bind?: Listen
  readonly bindDatagram?: BindDatagram
  readonly resolver?: Resolver
  /** The crypto handshake; in this thread by default. */
  readonly runHandshake?: RunHandshake
  readonly logger?: Logger
  readonly metrics?: Metrics
}
