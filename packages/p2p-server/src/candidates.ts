import { bufferNodes, type DialRefusal, filterNodes, type NodeProvider, type NodeSource } from '@ethwire/dialer'
import type { NodeAddress } from '@ethwire/enr'
import type { Clock, Logger } from '@ethwire/io'
import type { Protocol } from '@ethwire/protocol'
import type { P2pServerOptions } from './options.ts'
import type { RunningDiscovery } from './starting-discovery.ts'

export interface CandidatesOptions {
  readonly discovery: readonly RunningDiscovery[]
  readonly protocols: readonly Protocol[]
  readonly sources: readonly NodeSource[]
  readonly dialFilter: P2pServerOptions['dialFilter']
  /** Whether strangers are not wanted: then sources are asked where static nodes are, and nothing else. */
  readonly staticOnly: boolean
  readonly clock: Clock
  readonly logger: Logger
  refused(node: NodeAddress, reason: DialRefusal): void
}

/** All that candidates come from, each filtered by itself and read ahead, so that a slow filter holds up its own source only. */
export function candidateSources(options: CandidatesOptions): NodeSource[] {
  const { discovery, protocols, sources, dialFilter, staticOnly, clock, logger, refused } = options
  const all: NodeSource[] = [
    ...discovery.map(({ name, discovery }) => named(name, discovery)),
    // `@ethwire/protocol` knows no nodes; an item that is none makes this one source fail.
    ...protocols.flatMap(({ name, candidates }) =>
      candidates === undefined ? [] : [named(name, { nodes: () => candidates as AsyncIterable<NodeAddress> })],
    ),
    ...sources,
  ]
  if (staticOnly)
    return all.flatMap((source) => ('resolve' in source ? [{ ...named(source.name, source), ...noCandidates }] : []))
  if (dialFilter === undefined) return all
  const onRefused = (node: NodeAddress): void => refused(node, 'filtered')
  return all.map((source) => bufferNodes(filterNodes(source, dialFilter, { clock, logger, onRefused }), { clock }))
}

/** What is left of a source whose nodes are not wanted: it may still say where one is. */
const noCandidates = {
  async *nodes(): AsyncGenerator<NodeAddress> {},
  readRandomNodes: (): NodeAddress[] => [],
  lookup: async (): Promise<NodeAddress[]> => [],
  bootnodes: [],
} satisfies NodeProvider

/** A source by the name that the server has for it. */
function named(name: string | undefined, source: NodeProvider): NodeProvider {
  return {
    ...(name !== undefined && { name }),
    ...(source.bootnodes !== undefined && { bootnodes: source.bootnodes }),
    nodes: (options) => source.nodes(options),
    ...(source.readRandomNodes !== undefined && { readRandomNodes: source.readRandomNodes.bind(source) }),
    ...(source.lookup !== undefined && { lookup: source.lookup.bind(source) }),
    ...(source.resolve !== undefined && { resolve: source.resolve.bind(source) }),
    ...(source.requestEnr !== undefined && { requestEnr: source.requestEnr.bind(source) }),
  }
}
