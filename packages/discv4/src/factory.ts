import type { Crypto } from '@ethwire/crypto'
import type { LocalNode } from '@ethwire/enr'
import type { Clock, Datagram, DatagramSocket, Logger, Metrics, Random } from '@ethwire/io'
import { createDiscv4, type Discv4 } from './discv4.ts'
import type { NodeDatabase } from './node-database.ts'
import type { Discv4Settings, NetRestrict } from './options.ts'

/** What whoever runs several protocols on one socket hands to each: the context of `@ethwire/p2p-server`'s discovery. */
export interface Discv4Context {
  readonly localNode: LocalNode
  readonly privateKey: Uint8Array
  readonly socket: DatagramSocket
  readonly unhandled?: (datagram: Datagram) => void
  readonly nodeDatabase?: NodeDatabase
  readonly netRestrict?: NetRestrict
  readonly crypto: Crypto
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Metrics
  readonly signal: AbortSignal
}

/** Starts discovery v4 for a server. */
export interface Discv4Factory {
  readonly name: 'discv4'
  (context: Discv4Context): Promise<Discv4>
}

/**
 * Node discovery v4 for a server: `createP2pServer({ discovery: [discv4({ bootnodes })], … })`. Socket, keys, clock and all
 * else come from the server.
 *
 * @example
 * import { discv4 } from '@ethwire/discv4'
 *
 * const factory = discv4({ bootnodes: [] })
 * console.log(factory.name) // discv4
 */
export function discv4(settings: Discv4Settings = {}): Discv4Factory {
  const start = (context: Discv4Context): Promise<Discv4> => createDiscv4({ ...settings, ...context })
  return Object.defineProperty(start, 'name', { value: 'discv4' }) as Discv4Factory
}
