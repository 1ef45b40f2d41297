import type { Crypto } from '@ethwire/crypto'
import type { LocalNode, NodeAddress } from '@ethwire/enr'
import type { BindDatagram, Clock, Datagram, DatagramSocket, Logger, Metrics, Random, Resolver } from '@ethwire/io'
import type { TablePolicy, TablePolicyName } from '@ethwire/kbucket'
import type { IpAddress } from '@ethwire/netutil'
import type { Identities } from './identities.ts'
import type { NodeDatabase } from './node-database.ts'

/** A node to speak with: an `enode://` URL, an `enr:` text, or either already read. */
export type NodeInput = string | NodeAddress

/** The addresses that may be spoken with. A `Netlist` of `@ethwire/netutil` is one. */
export interface NetRestrict {
  contains(ip: IpAddress | string): boolean
}

/** What `discv4()` and `createDiscv4` both take. */
export interface Discv4Settings {
  /** Nodes to begin with. Host names among them are looked up at each refresh. None by default. */
  readonly bootnodes?: readonly NodeInput[]
  readonly resolver?: Resolver
  /** How the table keeps itself true; default `geth-2026`. */
  readonly policy?: TablePolicyName | TablePolicy
  /** Finds a packet's signer off this thread. By default it is found at once, in this thread, by `crypto`. */
  readonly recover?: Recover
  /** Public keys with their IDs, to be shared by engines of one process: a simulation. Each has its own by default. */
  readonly identities?: Identities
  /** Told of requests that had no answer, and of those that had one. None by default. */
  readonly driftCheck?: DriftCheck
  /** Whether what others see us as goes into the local record; default true. Of no use where the address is known. */
  readonly predictEndpoint?: boolean
  /** Nodes of which `explain` has the history; default 1,024, and 0 for none. */
  readonly historyNodes?: number
}

/** Packets that have expired at once look like packets that nobody answers. `@ethwire/ntp` has one. */
export interface DriftCheck {
  timedOut(): void
  answered(): void
}

/** The public key, 64 bytes, that signed a packet; rejects when there is none. */
export type Recover = (packet: Uint8Array) => Promise<Uint8Array>

/** Options of `createDiscv4`. */
export interface Discv4Options extends Discv4Settings {
  /** The node's key, 32 bytes. */
  readonly privateKey: Uint8Array
  /** The process's local node, of the same key, where others share it; by default discovery makes its own. */
  readonly localNode?: LocalNode
  /** A bound socket, which stays its owner's to close. By default discovery binds one. */
  readonly socket?: DatagramSocket
  /** Where to bind; default `0.0.0.0` and any free port. */
  readonly listen?: { readonly host?: string; readonly port?: number }
  readonly bind?: BindDatagram
  /** What is remembered over restarts. Nothing by default. */
  readonly nodeDatabase?: NodeDatabase | Promise<NodeDatabase>
  /** Others are neither contacted nor answered. All may be by default. */
  readonly netRestrict?: NetRestrict
  /** Takes packets that are none of discovery v4, at most 100 at once: another protocol on the socket. */
  readonly unhandled?: (datagram: Datagram) => void
  readonly crypto?: Crypto
  readonly clock?: Clock
  readonly random?: Random
  readonly logger?: Logger
  readonly metrics?: Metrics
  /** Closes discovery when it aborts. */
  readonly signal?: AbortSignal
}
