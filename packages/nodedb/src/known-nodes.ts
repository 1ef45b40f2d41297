import { type Contact, lastAnswering, subnetOf } from './contact.ts'

/** A node that is stored, or will be: it has answered at least once. */
export interface KnownNode {
  /** bounded: maxContacts */
  readonly contacts: Contact[]
  /** The sequence number of its stored record; 0 without one. */
  seq: bigint
  /** Where it is stored to be, if it is stored without a record and that is known. */
  endpoint?: string | undefined
  /** Whether the store may have rows of it. */
  isStored: boolean
}

export interface KnownNodesOptions {
  readonly maxNodes: number
  readonly maxNodesPerSubnet: number
  /** Called when one had to go for another. */
  onEvicted(id: string, node: KnownNode): void
}

/** The nodes of the database, the longest silent first, and never too many. */
export interface KnownNodes {
  readonly size: number
  get(id: string): KnownNode | undefined
  add(id: string, node: KnownNode): void
  /** It has just answered. */
  answered(id: string): void
  delete(id: string): void
  ids(): IterableIterator<string>
  /** Nodes whose last answer is older, the oldest first. */
  silentSince(ms: number): string[]
}

/** Where a node answered last. */
interface Place {
  readonly ip: string | undefined
  readonly subnet: string | undefined
}

/**
 * Keeps the bounds. Whoever has many keys behind few addresses pushes out his own nodes: each subnet has a share. Above
 * all, who was silent for the longest time goes.
 */
export function createKnownNodes(options: KnownNodesOptions): KnownNodes {
  const { maxNodes, maxNodesPerSubnet, onEvicted } = options
  // In the order of last answers.
  const nodes = new Map<string, KnownNode>() // bounded: maxNodes, the longest silent goes
  const places = new Map<string, Place>() // bounded: as nodes
  const members = new Map<string, Set<string>>() // bounded: as nodes, each maxNodesPerSubnet

  const leaveSubnet = (id: string): void => {
    const subnet = places.get(id)?.subnet
    places.delete(id)
    if (subnet === undefined) return
    const others = members.get(subnet)
    others?.delete(id)
    if (others?.size === 0) members.delete(subnet)
  }

  const evict = (id: string): void => {
    const node = nodes.get(id)
    if (node === undefined) return
    nodes.delete(id)
    leaveSubnet(id)
    onEvicted(id, node)
  }

  /** As the last one there. */
  const joinSubnet = (id: string, node: KnownNode): void => {
    const ip = lastAnswering(node.contacts)?.ip
    const before = places.get(id)
    const subnet = ip === undefined || ip === before?.ip ? before?.subnet : subnetOf(ip)
    leaveSubnet(id)
    places.set(id, { ip, subnet })
    if (subnet === undefined) return
    const there = members.get(subnet)
    if (there !== undefined && there.size >= maxNodesPerSubnet) evict(first(there))
    const others = members.get(subnet) ?? new Set()
    others.add(id)
    members.set(subnet, others)
  }

  const putLast = (id: string, node: KnownNode): void => {
    nodes.delete(id)
    joinSubnet(id, node)
    if (nodes.size >= maxNodes) evict(first(nodes.keys()))
    nodes.set(id, node)
  }

  return {
    get size() {
      return nodes.size
    },
    get: (id) => nodes.get(id),
    add: putLast,
    answered(id) {
      const node = nodes.get(id)
      if (node !== undefined) putLast(id, node)
    },
    delete(id) {
      nodes.delete(id)
      leaveSubnet(id)
    },
    ids: () => nodes.keys(),
    silentSince(ms) {
      const silent: string[] = []
      for (const [id, { contacts }] of nodes) {
        if ((lastAnswering(contacts)?.lastPongMs ?? 0) >= ms) break
        silent.push(id)
      }
      return silent
    },
  }
}

function first<T>(items: Iterable<T>): T {
  const [item] = items
  return item as T
}
