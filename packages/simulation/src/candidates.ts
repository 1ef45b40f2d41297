import type { NodeAddress } from '@ethwire/enr'
import type { SimulatedNode, Simulation } from './simulation.ts'

export interface CandidatesOptions {
  /** Different candidates of each node; 50 by default, geth's number of peers. */
  readonly count?: number
  /** After so long it is left at what there is; 10 by default. */
  readonly maxMinutes?: number
}

/**
 * Whom nodes would dial: the first different nodes that their walks of the network name, without asking for records.
 * Time goes on until each has enough of them.
 */
export async function collectCandidates(
  simulation: Simulation,
  nodes: readonly SimulatedNode[],
  options: CandidatesOptions = {},
): Promise<NodeAddress[][]> {
  const { count = 50, maxMinutes = 10 } = options
  const controller = new AbortController()
  const { signal } = controller
  // By node ID, for each node. bounded: count
  const named = nodes.map(() => new Map<string, NodeAddress>())
  let walking = nodes.length

  const walk = async ({ discv4 }: SimulatedNode, candidates: Map<string, NodeAddress>): Promise<void> => {
    try {
      for await (const node of discv4?.randomNodes({ signal, records: false }) ?? []) {
        candidates.set(node.nodeIdHex, node)
        if (candidates.size >= count) break
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      walking--
    }
  }

  const walks = Promise.all(nodes.map((node, index) => walk(node, named[index]!)))
  for (let second = 0; second < maxMinutes * 60 && walking > 0; second++) await simulation.run({ seconds: 1 })
  controller.abort()
  await simulation.clock.runUntil(walks)
  return named.map((candidates) => [...candidates.values()])
}

/** Of all nodes, those at marked addresses: an attacker's, say. */
export function markedShare(nodes: readonly NodeAddress[], isMarked: (ip: string) => boolean): number {
  return nodes.filter(({ host }) => host !== undefined && isMarked(host)).length / nodes.length
}
