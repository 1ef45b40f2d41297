import type { Crypto } from '@ethwire/crypto'
import type { NetRestrict, NodeProvider } from '@ethwire/dialer'
import type { LocalNode } from '@ethwire/enr'
import type { Clock, Datagram, DatagramSocket, Logger, Metrics, Random } from '@ethwire/io'
import type { NodeDatabase } from './node-database.ts'

/** A discovery protocol at work: a source of nodes that can be closed. */
export interface Discovery extends NodeProvider {
  /** Stops. The socket is the server's to close. Idempotent. */
  close(): Promise<void>
}

/** What a server hands to each of its discovery protocols. */
export interface DiscoveryContext {
  readonly localNode: LocalNode
  /** The key of `localNode`, 32 bytes: packets are signed with it. */
  readonly privateKey: Uint8Array
  /** The server's UDP socket: all of its packets for the first protocol, for the next those that nobody understood. */
  readonly socket: DatagramSocket
  /** Takes a packet that this protocol does not understand. */
  readonly unhandled: (datagram: Datagram) => void
  readonly nodeDatabase?: NodeDatabase
  readonly netRestrict?: NetRestrict
  readonly crypto: Crypto
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Metrics
  /** Aborts when the server closes, or could not start. */
  readonly signal: AbortSignal
}

/** Starts a discovery protocol for a server; `name` is the protocol's: `discv4`, `discv5`. */
export interface DiscoveryFactory {
  readonly name: string
  (context: DiscoveryContext): Promise<Discovery>
}
