import type { Clock } from '@ethwire/io'

/** A connection that ends sooner came to nothing: a node of another network drops us each time it has seen our Status. */
export const SHORT_LIVED_MS = 10_000

/** Who is connected, and on the way in. */
export interface ConnectedNodes {
  /** Nodes that are connected, by however many connections. */
  readonly count: number
  /** Connections that this side dialled; those of them to candidates. */
  readonly dialed: number
  readonly dialedCandidates: number
  state(nodeId: string): 'connected' | 'pending-inbound' | undefined
  /** A connection came to be. `isCandidate`: this side dialled it, and not because it is static. */
  added(nodeId: string, isDialed: boolean, isCandidate: boolean): void
  /** One ended. Whether its node is gone with it, and was there for a short time only; undefined if there was none. */
  removed(nodeId: string, isDialed: boolean): { readonly isGone: boolean; readonly wasShort: boolean } | undefined
  inboundPending(nodeId: string): void
  inboundDone(nodeId: string): void
}

interface Connected {
  readonly sinceMs: number
  connections: number
  candidates: number
}

export function createConnectedNodes(clock: Pick<Clock, 'monotonicMs'>): ConnectedNodes {
  // bounded: by the server's admission
  const nodes = new Map<string, Connected>()
  // bounded: by the server's connections in their handshake
  const pendingInbound = new Map<string, number>()
  let dialed = 0
  let dialedCandidates = 0

  return {
    get count() {
      return nodes.size
    },
    get dialed() {
      return dialed
    },
    get dialedCandidates() {
      return dialedCandidates
    },
    state(nodeId) {
      if (nodes.has(nodeId)) return 'connected'
      return pendingInbound.has(nodeId) ? 'pending-inbound' : undefined
    },
    added(nodeId, isDialed, isCandidate) {
      const node = nodes.get(nodeId) ?? { sinceMs: clock.monotonicMs(), connections: 0, candidates: 0 }
      nodes.set(nodeId, node)
      node.connections++
      if (isDialed) dialed++
      if (!isCandidate) return
      node.candidates++
      dialedCandidates++
    },
    removed(nodeId, isDialed) {
      const node = nodes.get(nodeId)
      if (node === undefined) return undefined
      node.connections--
      if (isDialed) dialed--
      if (isDialed && node.candidates > 0) {
        node.candidates--
        dialedCandidates--
      }
      const isGone = node.connections === 0
      if (isGone) nodes.delete(nodeId)
      return { isGone, wasShort: clock.monotonicMs() - node.sinceMs < SHORT_LIVED_MS }
    },
    inboundPending(nodeId) {
      pendingInbound.set(nodeId, (pendingInbound.get(nodeId) ?? 0) + 1)
    },
    inboundDone(nodeId) {
      const count = pendingInbound.get(nodeId) ?? 0
      if (count > 1) pendingInbound.set(nodeId, count - 1)
      else pendingInbound.delete(nodeId)
    },
  }
}
