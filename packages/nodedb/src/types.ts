import type { Crypto } from '@ethwire/crypto'
import type { NodeAddress, SequenceStore } from '@ethwire/enr'
import type { Clock, Logger, Metrics, Random } from '@ethwire/io'
import type { SeedOptions } from './seeds.ts'

export interface NodeDatabaseOptions {
  /** Default 8,192. Above that, who has not answered for the longest time goes. */
  readonly maxNodes?: number
  /** Default 16, in an IPv4 /24 or an IPv6 /48; addresses of the LAN and of this machine are not counted. */
  readonly maxNodesPerSubnet?: number
  readonly crypto?: Crypto
  readonly clock?: Clock
  readonly random?: Random
  readonly logger?: Logger
  readonly metrics?: Metrics
}

/**
 * Nodes that were seen, and the local sequence number. Times are unix milliseconds, 0 for never; what is said of a node
 * is said of its ID (64 hex digits) at one IP address. Setters take note at once, never throw, and are written a second
 * later.
 */
export interface NodeDatabase extends SequenceStore, AsyncDisposable {
  /** Nodes that are kept, over a restart if there is a store. */
  readonly size: number
  /** Whether what it is told outlives the process: false in memory, and as long as the store fails. */
  readonly isPersistent: boolean
  /** Their last pong to us: the endpoint proof. */
  lastPong(nodeIdHex: string, ip: string): number
  setLastPong(nodeIdHex: string, ip: string, atMs: number): void
  /** Their last ping to us. */
  lastPing(nodeIdHex: string, ip: string): number
  setLastPing(nodeIdHex: string, ip: string, atMs: number): void
  /** Requests of discovery v4 for neighbours that failed in a row. */
  findFailures(nodeIdHex: string, ip: string): number
  setFindFailures(nodeIdHex: string, ip: string, count: number): void
  /** The same of discovery v5. */
  findFailuresV5(nodeIdHex: string, ip: string): number
  setFindFailuresV5(nodeIdHex: string, ip: string, count: number): void
  node(nodeIdHex: string): Promise<NodeAddress | undefined>
  /**
   * Keeps a node, from its first pong on: before that it is only remembered for a while. One whose record is older than
   * the stored one is not taken.
   */
  putNode(node: NodeAddress): void
  /** Forgets all about it. */
  removeNode(nodeIdHex: string): void
  /** Random nodes to begin with: 30 of up to 5 days are geth's. Each has answered at its address within `maxAgeMs`. */
  seeds(options: SeedOptions): Promise<NodeAddress[]>
  /** Writes what is waiting now. Resolves also if the store fails, which is logged. */
  flush(): Promise<void>
  /** Writes what is waiting, then closes the database. Idempotent. */
  close(): Promise<void>
}
