import type { SimulatedNode, Simulation } from './simulation.ts'

/** What the routing tables of a network hold. */
export interface TableReport {
  /** Tables looked at. */
  readonly tables: number
  /** Nodes in a table, on average. */
  readonly meanSize: number
  /** Of all nodes in tables, those that run and are where the table says. */
  readonly liveShare: number
  /** Of all nodes in tables, those for which `isWanted` holds: an attacker's, say. */
  readonly markedShare: number
}

/** Running nodes of at least this age, which are those that measurements are taken of. */
export function settledNodes(simulation: Simulation, minAgeMinutes: number): SimulatedNode[] {
  const bornBeforeMs = simulation.clock.monotonicMs() - minAgeMinutes * 60_000
  return simulation.nodes().filter(({ startedAtMs, discv4 }) => discv4 !== undefined && startedAtMs <= bornBeforeMs)
}

/**
 * Looks into the tables of nodes.
 *
 * @param isMarked which nodes to count as marked, by address; none by default
 */
export function reportTables(
  simulation: Simulation,
  nodes: readonly SimulatedNode[],
  isMarked: (ip: string) => boolean = () => false,
): TableReport {
  let entries = 0
  let live = 0
  let marked = 0
  for (const { discv4 } of nodes) {
    for (const bucket of discv4?.table() ?? []) {
      for (const { entry } of bucket.nodes) {
        entries++
        const { endpoint } = simulation.node(entry.nodeIdHex) ?? {}
        if (endpoint !== undefined && endpoint.ip === entry.host && endpoint.port === entry.udpPort) live++
        if (entry.host !== undefined && isMarked(entry.host)) marked++
      }
    }
  }
  return {
    tables: nodes.length,
    meanSize: entries / nodes.length,
    liveShare: live / entries,
    markedShare: marked / entries,
  }
}
