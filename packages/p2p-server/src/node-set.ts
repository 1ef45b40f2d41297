import type { NodeAddress } from '@ethwire/enr'
import { type IpAddress, parseIp } from '@ethwire/netutil'

/** Nodes that the user has named. */
export interface NodeSet {
  has(nodeId: string): boolean
  /** Whether one of them is known to be at this address. */
  hasAddress(ip: IpAddress): boolean
  /** A node that is in it already gets its new addresses. */
  add(node: NodeAddress): void
  /** False if it was none. */
  delete(nodeId: string): boolean
}

export function createNodeSet(nodes: readonly NodeAddress[]): NodeSet {
  // bounded: by what the user adds; addresses are counted, since several nodes may share one
  const addresses = new Map<string, readonly string[]>()
  const counts = new Map<string, number>()

  const set: NodeSet = {
    has: (nodeId) => addresses.has(nodeId),
    hasAddress: ({ text }) => counts.has(text),
    add({ nodeIdHex, endpoints }) {
      set.delete(nodeIdHex)
      const texts = endpoints.flatMap(({ host }) => parseIp(host)?.text ?? [])
      addresses.set(nodeIdHex, texts)
      for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
    },
    delete(nodeId) {
      for (const text of addresses.get(nodeId) ?? []) {
        const count = (counts.get(text) ?? 0) - 1
        if (count > 0) counts.set(text, count)
        else counts.delete(text)
      }
      return addresses.delete(nodeId)
    },
  }
  for (const node of nodes) set.add(node)
  return set
}
