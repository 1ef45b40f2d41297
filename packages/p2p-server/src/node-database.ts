import type { NodeAddress, SequenceStore } from '@ethwire/enr'

/**
 * What is remembered of nodes over restarts. The server hands it to discovery and keeps the local sequence number in it;
 * `createNodeDatabase` of `@ethwire/nodedb` makes one. Times are unix milliseconds, 0 for never.
 */
export interface NodeDatabase extends SequenceStore {
  lastPong(nodeIdHex: string, ip: string): number | Promise<number>
  /** Their last ping to us. */
  lastPing(nodeIdHex: string, ip: string): number | Promise<number>
  findFailures(nodeIdHex: string, ip: string): number | Promise<number>
  setLastPong(nodeIdHex: string, ip: string, atMs: number): void
  setLastPing(nodeIdHex: string, ip: string, atMs: number): void
  setFindFailures(nodeIdHex: string, ip: string, count: number): void
  /** Keeps a node that has proved its endpoint, or whose record is newer. */
  putNode(node: NodeAddress): void
  /** Random nodes to begin with. */
  seeds(options: { readonly count: number; readonly maxAgeMs: number }): Promise<NodeAddress[]>
  /** Writes what waits. */
  flush?(): Promise<void>
  close?(): Promise<void>
}
