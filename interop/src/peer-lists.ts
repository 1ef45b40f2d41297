import type { GethPeer } from './geth.ts'
import type { Rpc } from './rpc.ts'

/** The connection with a node as `admin_peers` shows it, once eth is under way over it. */
export async function peerOf(rpc: Rpc, id: string): Promise<GethPeer | undefined> {
  const peers = await rpc<GethPeer[]>('admin_peers')
  return peers.find((peer) => peer.id === id && typeof peer.protocols.eth === 'object')
}

/** How one end of a connection is seen from the other: addresses change places, and what dials is dialled. */
export function seenFromThere({
  network,
}: GethPeer): Pick<GethPeer['network'], 'localAddress' | 'remoteAddress' | 'inbound'> {
  const { localAddress, remoteAddress, inbound } = network
  return { localAddress: remoteAddress, remoteAddress: localAddress, inbound: !inbound }
}
