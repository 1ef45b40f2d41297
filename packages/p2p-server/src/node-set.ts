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
  /** The IDs of the nodes that have host names. */
  named(): string[]
  /** A node's host names. */
  hostsOf(nodeId: string): readonly string[]
  /** What a node's names stand for, from now on. Nothing happens if it is not in the set. */
  learn(nodeId: string, ips: readonly string[]): void
}

interface Place {
  readonly hosts: readonly string[]
  readonly ips: readonly string[]
  readonly learned: readonly string[]
}

export function createNodeSet(nodes: readonly NodeAddress[]): NodeSet {
  // bounded: by what the user adds; addresses are counted, since several nodes may share one
  const places = new Map<string, Place>()
  const counts = new Map<string, number>()

  function put(nodeId: string, place: Place): void {
    set.delete(nodeId)
    places.set(nodeId, place)
    for (const text of [...place.ips, ...place.learned]) counts.set(text, (counts.get(text) ?? 0) + 1)
  }

  const set: NodeSet = {
    has: (nodeId) => places.has(nodeId),
    hasAddress: ({ text }) => counts.has(text),
    add({ nodeIdHex, endpoints }) {
      const hosts = endpoints.map(({ host }) => host)
      put(nodeIdHex, {
        hosts: hosts.filter((host) => parseIp(host) === undefined),
        ips: hosts.flatMap((host) => parseIp(host)?.text ?? []),
        learned: [],
      })
    },
    delete(nodeId) {
      const { ips, learned } = places.get(nodeId) ?? { ips: [], learned: [] }
      for (const text of [...ips, ...learned]) {
        const count = (counts.get(text) ?? 0) - 1
        if (count > 0) counts.set(text, count)
        else counts.delete(text)
      }
      return places.delete(nodeId)
    },
    named: () => [...places].flatMap(([nodeId, { hosts }]) => (hosts.length > 0 ? [nodeId] : [])),
    hostsOf: (nodeId) => places.get(nodeId)?.hosts ?? [],
    learn(nodeId, ips) {
      const place = places.get(nodeId)
      if (place !== undefined) put(nodeId, { ...place, learned: ips.flatMap((ip) => parseIp(ip)?.text ?? []) })
    },
  }
  for (const node of nodes) set.add(node)
  return set
}
