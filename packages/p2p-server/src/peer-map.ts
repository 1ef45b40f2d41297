import type { ConnectedPeers } from './admission.ts'
import type { PeerEnd, RunningPeer } from './peer.ts'

/** Who is connected. Its owner is the server; everything else only looks. */
export interface PeerMap extends ConnectedPeers {
  get(nodeId: string): RunningPeer | undefined
  all(): RunningPeer[]
  /** Enters a peer and runs it; the promise resolves when it has ended and has been taken out again. */
  run(peer: RunningPeer): Promise<PeerEnd>
  /** Resolves when no such peer is connected: at once, or when the one there is has ended. */
  gone(nodeId: string): Promise<void>
}

/** Makes an empty map. */
export function createPeerMap(): PeerMap {
  // bounded: by admission, to maxPeers and the trusted nodes
  const peers = new Map<string, { peer: RunningPeer; ended: Promise<PeerEnd> }>()
  let inboundCount = 0
  return {
    get count() {
      return peers.size
    },
    get inboundCount() {
      return inboundCount
    },
    has: (nodeId) => peers.has(nodeId),
    get: (nodeId) => peers.get(nodeId)?.peer,
    all: () => [...peers.values()].map(({ peer }) => peer),
    run(peer) {
      if (peer.inbound) inboundCount++
      const ended = peer.run().then((end) => {
        if (peer.inbound) inboundCount--
        peers.delete(peer.id)
        return end
      })
      peers.set(peer.id, { peer, ended })
      return ended
    },
    async gone(nodeId) {
      await peers.get(nodeId)?.ended
    },
  }
}
