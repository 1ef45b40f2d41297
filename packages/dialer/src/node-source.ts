import { type NodeAddress, type NodeRecord, nodeFromRecord } from '@ethwire/enr'

/** Options of what may be given up. */
export interface SourceCallOptions {
  readonly signal?: AbortSignal
}

/** Where nodes come from: discovery, a list in DNS, a file. Whoever reads it stops by `return()` of the iterator. */
export interface NodeProvider {
  /** By which logs and counters name it. */
  readonly name?: string
  /** Nodes that it began with, and that are dialled where there is nobody else. */
  readonly bootnodes?: readonly NodeAddress[]
  /** Candidates to dial, one after the other; ends when there will be no more. */
  nodes(options?: SourceCallOptions): AsyncIterable<NodeAddress | NodeRecord>
  /** Up to `count` nodes that are known now, at random. */
  readRandomNodes?(count: number): NodeAddress[]
  /** The nodes closest to a public key of 64 bytes. */
  lookup?(targetPublicKey: Uint8Array, options?: SourceCallOptions): Promise<NodeAddress[]>
  /** What the network knows of a node now; undefined, or a node without an address, when nothing. */
  resolve?(node: NodeAddress, options?: SourceCallOptions): Promise<NodeAddress | undefined>
  /** A node's record, asked of the node itself. May reject. */
  requestEnr?(node: NodeAddress, options?: SourceCallOptions): Promise<NodeRecord>
}

/** A source of nodes: one with more to offer, or nothing but the nodes. */
export type NodeSource = NodeProvider | AsyncIterable<NodeAddress | NodeRecord>

/** A source in its long form, whichever it was given in. */
export function toProvider(source: NodeSource): NodeProvider {
  return 'nodes' in source ? source : { nodes: () => source }
}

/** What a source offers beside its nodes, with the source as `this`. */
export function offers(provider: NodeProvider): Omit<NodeProvider, 'nodes'> {
  return {
    ...(provider.name !== undefined && { name: provider.name }),
    ...(provider.bootnodes !== undefined && { bootnodes: provider.bootnodes }),
    ...(provider.readRandomNodes !== undefined && { readRandomNodes: provider.readRandomNodes.bind(provider) }),
    ...(provider.lookup !== undefined && { lookup: provider.lookup.bind(provider) }),
    ...(provider.resolve !== undefined && { resolve: provider.resolve.bind(provider) }),
    ...(provider.requestEnr !== undefined && { requestEnr: provider.requestEnr.bind(provider) }),
  }
}

/** A node as it is dialled. */
export function toNodeAddress(node: NodeAddress | NodeRecord): NodeAddress {
  return 'endpoints' in node ? node : nodeFromRecord(node)
}
