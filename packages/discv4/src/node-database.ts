import type { NodeAddress } from '@ethwire/enr'

/**
 * What discovery wants to be remembered over restarts. Times are unix milliseconds, 0 for never; a node's endpoint is
 * its ID and IP address together. Reading may take time, writing is taken note of at once and never throws.
 * `@ethwire/nodedb` is one.
 */
export interface NodeDatabase {
  /** When a pong came from the endpoint that answered a ping of ours: the proof of the endpoint. */
  lastPong(nodeIdHex: string, ip: string): number | Promise<number>
  /** When the endpoint pinged us: since then it has had our pong. */
  lastPing(nodeIdHex: string, ip: string): number | Promise<number>
  /** Findnode requests in a row that the endpoint did not answer usefully. */
  findFailures(nodeIdHex: string, ip: string): number | Promise<number>
  setLastPong(nodeIdHex: string, ip: string, atMs: number): void
  setLastPing(nodeIdHex: string, ip: string, atMs: number): void
  setFindFailures(nodeIdHex: string, ip: string, count: number): void
  /** Keeps a node: called at each verified pong, so that one that had to go for others is there again, and for newer records. */
  putNode(node: NodeAddress): void
  /** Random nodes whose last pong is at most `maxAgeMs` old. */
  seeds(options: { count: number; maxAgeMs: number }): Promise<NodeAddress[]>
}
