import type { Clock } from '@ethwire/io'
import type { ConnectedPeers } from './admission.ts'
import type { PeerEnd, RunningPeer } from './peer.ts'

/** Who is connected. Its owner is the server; everything else only looks. */
export interface PeerMap extends ConnectedPeers {
  get(nodeId: string): RunningPeer | undefined
  all(): RunningPeer[]
  /** Enters a peer. What it returns runs it, once; the promise resolves when it has ended and has been taken out again. */
  enter(peer: RunningPeer): () => Promise<PeerEnd>
  /** Resolves when no such peer is connected: at once, or when the one there is has ended. */
  gone(nodeId: string): Promise<void>
}

/** Makes an empty map. */
export function createPeerMap(clock: Pick<Clock, 'monotonicMs'>): PeerMap {
  // bounded: by admission, to maxPeers and the trusted nodes
  const peers = new Map<string, { peer: RunningPeer; sinceMs: number; ended: Promise<PeerEnd> }>()
  let inboundCount = 0
  return {
    get count() {
      return peers.size
    },
    get inboundCount() {
      return inboundCount
    },
    connection(nodeId) {
      const entry = peers.get(nodeId)
      return entry && { inbound: entry.peer.inbound, ageMs: clock.monotonicMs() - entry.sinceMs }
    },
    get: (nodeId) => peers.get(nodeId)?.peer,
    all: () => [...peers.values()].map(({ peer }) => peer),
    enter(peer) {
      const { promise: ended, resolve } = Promise.withResolvers<PeerEnd>()
      if (peer.inbound) inboundCount++
      peers.set(peer.id, { peer, sinceMs: clock.monotonicMs(), ended })
      return () => {
        void peer.run().then((end) => {
          if (peer.inbound) inboundCount--
          peers.delete(peer.id)
          resolve(end)
        })
        return ended
      }
    },
    async gone(nodeId) {
      await peers.get(nodeId)?.ended
    },
  }
}
