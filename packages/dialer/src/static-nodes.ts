import type { NodeAddress } from '@ethwire/enr'
import { type Clock, type Random, randomInteger, type Timer } from '@ethwire/io'
import { isLan, parseIp } from '@ethwire/netutil'
import type { RedialPace } from './dial-history.ts'

/** Looking a node up in the network is not repeated sooner; twice as late after each time in vain. */
const FIRST_RESOLVE_MS = 60_000
const MAX_RESOLVE_MS = 60 * 60_000

/** A node to be connected always. */
export interface StaticNode {
  readonly nodeId: string
  /** Where its user says that it is. A name in it is looked up at each dial. */
  given: NodeAddress
  /** Where discovery says that it is. */
  found: NodeAddress | undefined
  /** Whether that is the likelier place: discovery said so last, or the node was last met there. */
  prefersFound: boolean
  /** What it may be looked up again at, and how long it waits after the next time in vain. */
  resolveAtMs: number
  resolveDelayMs: number
  /** Runs while the node may not be dialled yet. */
  timer: Timer | undefined
}

/** The static nodes, and which of them could be dialled now. */
export interface StaticNodes {
  readonly size: number
  all(): Iterable<StaticNode>
  get(nodeId: string): StaticNode | undefined
  /** A node that is there already is looked for at this address from now on. False if that changes nothing. */
  add(address: NodeAddress): boolean
  remove(nodeId: string): boolean
  /** Whether the node could be dialled now. */
  setReady(nodeId: string, isReady: boolean): void
  /** One of those that could be, at random; it is ready no more. */
  takeReady(): StaticNode | undefined
  readonly readyCount: number
  /** Whether the node may be looked up now. */
  mayResolve(node: StaticNode): boolean
  /** What a lookup brought. */
  resolved(node: StaticNode, address: NodeAddress | undefined): void
  /** Takes the newer record of a node that somebody passed on, signed by the node itself; false if it says nothing new. */
  heard(address: NodeAddress): boolean
  /** Stops the timers. */
  close(): void
}

export function createStaticNodes({
  clock,
  random,
}: {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly random: Random
}): StaticNodes {
  // bounded: by what the user adds
  const nodes = new Map<string, StaticNode>()
  // bounded: by `nodes`; the place of each in it is kept beside, so that taking one away costs no search
  const ready: string[] = []
  const places = new Map<string, number>()

  function setReady(nodeId: string, isReady: boolean): void {
    const place = places.get(nodeId)
    if (isReady === (place !== undefined)) return
    if (place === undefined) {
      places.set(nodeId, ready.push(nodeId) - 1)
      return
    }
    const last = ready.pop() as string
    if (last !== nodeId) {
      ready[place] = last
      places.set(last, place)
    }
    places.delete(nodeId)
  }

  return {
    get size() {
      return nodes.size
    },
    get readyCount() {
      return ready.length
    },
    all: () => nodes.values(),
    get: (nodeId) => nodes.get(nodeId),
    add(address) {
      const nodeId = address.nodeIdHex
      const known = nodes.get(nodeId)
      if (known !== undefined) {
        if (hasSameEndpoints(known.given, address)) return false
        known.given = address
        known.prefersFound = false
        known.resolveAtMs = 0
        known.resolveDelayMs = FIRST_RESOLVE_MS
        return true
      }
      nodes.set(nodeId, {
        ...{ nodeId, given: address, found: undefined, prefersFound: false },
        ...{ resolveAtMs: 0, resolveDelayMs: FIRST_RESOLVE_MS, timer: undefined },
      })
      return true
    },
    remove(nodeId) {
      setReady(nodeId, false)
      nodes.get(nodeId)?.timer?.cancel()
      return nodes.delete(nodeId)
    },
    setReady,
    takeReady() {
      if (ready.length === 0) return undefined
      const nodeId = ready[randomInteger(random, ready.length)] as string
      setReady(nodeId, false)
      return nodes.get(nodeId)
    },
    mayResolve: ({ resolveAtMs }) => clock.monotonicMs() >= resolveAtMs,
    resolved(node, address) {
      if (address === undefined) {
        node.resolveDelayMs = Math.min(MAX_RESOLVE_MS, node.resolveDelayMs * 2)
      } else {
        node.resolveDelayMs = FIRST_RESOLVE_MS
        learn(node, address)
      }
      node.resolveAtMs = clock.monotonicMs() + node.resolveDelayMs
    },
    heard(address) {
      const node = nodes.get(address.nodeIdHex)
      if (node === undefined || !isNews(node, address)) return false
      learn(node, address)
      return true
    },
    close() {
      for (const { timer } of nodes.values()) timer?.cancel()
    },
  }
}

/** Where a static node may be, the likeliest first: where its user says, and where discovery says if that is elsewhere. */
export function addressesOf({ given, found, prefersFound }: StaticNode): NodeAddress[] {
  const known = given.endpoints.length === 0 ? [] : [given]
  if (found === undefined || hasSameEndpoints(found, given)) return known
  return prefersFound ? [found, ...known] : [...known, found]
}

function learn(node: StaticNode, found: NodeAddress): void {
  if (node.found === undefined || !hasSameEndpoints(node.found, found)) node.prefersFound = true
  node.found = found
}

function isNews({ given, found }: StaticNode, { record, endpoints }: NodeAddress): boolean {
  if (record === undefined || endpoints.length === 0) return false
  return [given, found].every((known) => known?.record === undefined || known.record.seq < record.seq)
}

/** Whether a static node is of this machine or its network, so that it is dialled again sooner. */
export function paceOf(node: StaticNode): RedialPace {
  const host = addressesOf(node)[0]?.host
  return host !== undefined && parseIp(host) !== undefined && isLan(host) ? 'local' : 'static'
}

export function hasSameEndpoints(a: NodeAddress, b: NodeAddress): boolean {
  const show = ({ endpoints }: NodeAddress): string =>
    endpoints.map(({ host, tcpPort }) => `${host} ${tcpPort}`).join(', ')
  return show(a) === show(b)
}
