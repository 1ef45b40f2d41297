import type { NodeAddress } from '@ethwire/enr'
import { type Clock, type Random, randomInteger, type Timer } from '@ethwire/io'
import { isLan, parseIp } from '@ethwire/netutil'
import type { RedialPace } from './dial-history.ts'

/** Looking a node up in the network is not repeated sooner; twice as late after each time in vain. */
const FIRST_RESOLVE_MS = 60_000
const MAX_RESOLVE_MS = 60 * 60_000

/** A node to be connected always. */
export interface StaticNode {
  /** Where it was last known to be. */
  address: NodeAddress
  /** What it may be looked up again at, and how long it waits after the next time in vain. */
  resolveAtMs: number
  resolveDelayMs: number
  /** Runs while the node may not be dialled yet. */
  timer: Timer | undefined
}

/** The static nodes, and which of them could be dialled now. */
export interface StaticNodes {
  readonly size: number
  all(): Iterable<[nodeId: string, node: StaticNode]>
  get(nodeId: string): StaticNode | undefined
  /** False if it is there already. */
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
    all: () => nodes.entries(),
    get: (nodeId) => nodes.get(nodeId),
    add(address) {
      if (nodes.has(address.nodeIdHex)) return false
      const node = { address, resolveAtMs: 0, resolveDelayMs: FIRST_RESOLVE_MS, timer: undefined }
      nodes.set(address.nodeIdHex, node)
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
        node.address = address
      }
      node.resolveAtMs = clock.monotonicMs() + node.resolveDelayMs
    },
    close() {
      for (const { timer } of nodes.values()) timer?.cancel()
    },
  }
}

/** Whether a static node is of this machine or its network, so that it is dialled again sooner. */
export function paceOf({ address: { host } }: StaticNode): RedialPace {
  return host !== undefined && parseIp(host) !== undefined && isLan(host) ? 'local' : 'static'
}
