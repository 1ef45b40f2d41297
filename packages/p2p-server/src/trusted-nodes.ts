import type { NodeAddress } from '@ethwire/enr'

/** The nodes that are let in over every limit. */
export interface TrustedNodes {
  has(nodeId: string): boolean
  add(node: NodeAddress): void
  /** False if it was none. */
  delete(nodeId: string): boolean
  all(): Iterable<NodeAddress>
}

export function createTrustedNodes(nodes: readonly NodeAddress[]): TrustedNodes {
  // bounded: by what the user adds
  const trusted = new Map(nodes.map((node) => [node.nodeIdHex, node]))
  return {
    has: (nodeId) => trusted.has(nodeId),
    add: (node) => void trusted.set(node.nodeIdHex, node),
    delete: (nodeId) => trusted.delete(nodeId),
    all: () => trusted.values(),
  }
}
