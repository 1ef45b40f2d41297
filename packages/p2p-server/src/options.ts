import type { Crypto } from '@ethwire/crypto'
import type { DialScheduler, DialSchedulerOptions, NetRestrict, NodeSource } from '@ethwire/dialer'
import type { LocalNode, NodeAddress } from '@ethwire/enr'
import type { BindDatagram, Clock, Dial, Listen, Logger, Metrics, Random, Resolver } from '@ethwire/io'
import type { NatMapper } from '@ethwire/nat'
import type { Protocol } from '@ethwire/protocol'
import type { BandwidthOptions } from './bandwidth.ts'
import type { ServerReputation } from './conduct.ts'
import type { RunHandshake } from './crypto-handshake.ts'
import type { DiscoveryFactory } from './discovery.ts'
import type { DropperOptions } from './dropper.ts'
import type { NodeDatabase } from './node-database.ts'
import type { Peer } from './peer.ts'
import type { QuotaPolicy, ServerPolicy } from './quotas.ts'
import type { NewTransport } from './transport.ts'

/** A node to be connected: an `enode://` URL, an `enr:` text, or either already read. */
export type NodeInput = string | NodeAddress

/** Where a server is reached. */
export interface ListenOptions {
  /** An IP address. Default `0.0.0.0`. */
  readonly host?: string
  /** For TCP; 0 takes a free one. Others are from 256 on: no record has a lower one. */
  readonly port: number
}

/** Where discovery is reached, if elsewhere than connections. */
export interface DiscoveryAddress {
  /** An IP address. Default: that of `listen`. */
  readonly host?: string
  /** For UDP; 0 takes a free one; others are from 256 on. Default: the number of the TCP port. */
  readonly port?: number
}

/** Options of `createP2pServer`. Defaults are geth's where geth has the option. */
export interface P2pServerOptions {
  /** The node's key, 32 bytes. */
  readonly privateKey: Uint8Array
  /** The process's local node, of the same key, where others share it; by default the server makes its own. */
  readonly localNode?: LocalNode
  /** The client's name, as peers see it: `my-indexer/1.0`. */
  readonly clientId: string
  /** What is spoken with peers. With none, every peer is useless. */
  readonly protocols: readonly Protocol[]
  /** Where to accept connections; absent: nowhere. Discovery then takes any free port. */
  readonly listen?: ListenOptions
  /** Where discovery listens, if elsewhere than `listen`. */
  readonly discAddr?: DiscoveryAddress
  /** Who knows our external address, and can have its ports lead here. */
  readonly nat?: NatMapper
  /** Peers at most; trusted ones come in over it, and count. Default 50. */
  readonly maxPeers?: number
  /** Connections that may be in their handshake at once, inbound; and dials at a time. Default 50. */
  readonly maxPendingPeers?: number
  /** One in so many peers is dialled, at least one; the rest may be inbound. Default 3. */
  readonly dialRatio?: number
  /** Dials nobody, not even static nodes. */
  readonly noDial?: boolean
  /** Nodes to be connected always, as far as there are places for dialled peers. */
  readonly staticNodes?: readonly NodeInput[]
  /** Nodes that are let in over every limit. They are dialled only if they are static nodes as well. */
  readonly trustedNodes?: readonly NodeInput[]
  /** Only static and trusted nodes become peers, whoever dials; all of `maxPeers` may be dialled. */
  readonly staticOnly?: boolean
  /** Whose rules hold where geth has changed its own. Default `geth-2026`. */
  readonly policy?: ServerPolicy
  /** How places are divided between peers that were dialled and peers that dialled us; by default as `policy` says. */
  readonly quotas?: QuotaPolicy
  /** Lets a peer go now and then while all places are taken, as geth's eth protocol does; off by default. */
  readonly dropper?: boolean | DropperOptions
  /**
   * Whom to have nothing to do with for a while, going by what they did; by default nobody is remembered. `createReputation`
   * of `@ethwire/dialer` makes one. Trusted and static nodes are spared.
   */
  readonly reputation?: ServerReputation
  /** How many bytes a second may be moved; unbounded by default. */
  readonly bandwidth?: BandwidthOptions
  /** How nodes are found. The protocols share one UDP socket; the first sees each packet first. */
  readonly discovery?: readonly DiscoveryFactory[]
  /** Starts no discovery. */
  readonly noDiscovery?: boolean
  /** Whether the discovery protocol of the name `discv4` is started: it is by default, where there is one. */
  readonly discoveryV4?: boolean
  /** The same for the one named `discv5`. */
  readonly discoveryV5?: boolean
  /** Where candidates come from besides: any async iterable of node addresses or records. */
  readonly sources?: readonly NodeSource[]
  /** Whether a candidate may be worth a dial: the fork filter of the application's chain. Static nodes are not asked about. */
  readonly dialFilter?: (node: NodeAddress) => boolean | Promise<boolean>
  /**
   * What decides whom to dial, and when; by default a scheduler of `@ethwire/dialer`, the one that `policy` says. What it
   * throws over a peer is logged.
   */
  readonly dialScheduler?: (options: DialSchedulerOptions) => DialScheduler
  /**
   * What is remembered of nodes over restarts; without one, discovery remembers nothing. Its owner closes it. That is the
   * server for one that comes as a promise, which nobody else may have in hand.
   */
  readonly nodeDatabase?: NodeDatabase | Promise<NodeDatabase>
  /** The only addresses to dial and to accept connections from, whatever a record or a name says. */
  readonly netRestrict?: NetRestrict
  /** Whether `msg:send` and `msg:recv` happen; false by default, because they do at every message. */
  readonly enableMsgEvents?: boolean
  /** Shown each peer when it is admitted, before its subprotocols run. */
  readonly newPeerHook?: (peer: Peer) => void
  /** Default `pureCrypto`, also where it is undefined, as `nativeCrypto` is on a machine that does not have it. */
  readonly crypto?: Crypto | undefined
  readonly clock?: Clock
  readonly random?: Random
  readonly dial?: Dial
  readonly bind?: Listen
  readonly bindDatagram?: BindDatagram
  readonly resolver?: Resolver
  /** The crypto handshake; in this thread by default. */
  readonly runHandshake?: RunHandshake
  /** What speaks over a stream after it; frames of RLPx by default. */
  readonly newTransport?: NewTransport
  readonly logger?: Logger
  readonly metrics?: Metrics
}
