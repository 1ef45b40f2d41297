import type { MessageEvent, P2pError, P2pServer, Peer } from '@ethwire/p2p-server'
import { describeDisconnectReason } from '@ethwire/protocol'
import type { RpcSubscription } from './subscriptions.ts'

/** The running server, as far as it is listened to. */
export type PeerEventServer = Pick<P2pServer, 'on'>

/** geth's `p2p.PeerEvent`. */
interface PeerEvent {
  readonly type: 'add' | 'drop' | 'msgsend' | 'msgrecv'
  readonly peer: string
  readonly error?: string
  readonly protocol?: string
  readonly msg_code?: number
  readonly msg_size?: number
  readonly local: string
  readonly remote: string
}

/** A peer may have had a word in it. */
const maxErrorLength = 500

/** `admin_peerEvents`. Messages are told of only by a server that has them enabled. */
export function peerEvents(server: PeerEventServer): RpcSubscription {
  // Kept as long as the peer is: what names it in each event.
  const known = new WeakMap<Peer, Pick<PeerEvent, 'peer' | 'local' | 'remote'>>()
  const nameOf = (peer: Peer): Pick<PeerEvent, 'peer' | 'local' | 'remote'> => {
    const there = known.get(peer)
    if (there !== undefined) return there
    const { localAddress, remoteAddress } = peer.info().network
    const name = { peer: peer.id, local: localAddress, remote: remoteAddress }
    known.set(peer, name)
    return name
  }
  const message = (type: 'msgsend' | 'msgrecv', { peer, protocol, code, bytes }: MessageEvent): PeerEvent => ({
    ...{ type, ...nameOf(peer), protocol },
    ...{ msg_code: code, msg_size: bytes },
  })

  return (tell: (event: PeerEvent) => void) => {
    const ends = [
      server.on('peer:add', ({ peer }) => tell({ type: 'add', ...nameOf(peer) })),
      server.on('peer:drop', ({ peer, error }) => tell({ type: 'drop', ...nameOf(peer), error: errorText(error) })),
      server.on('msg:send', (event) => tell(message('msgsend', event))),
      server.on('msg:recv', (event) => tell(message('msgrecv', event))),
    ]
    return () => {
      for (const end of ends) end()
    }
  }
}

/** As geth has it: the reason in words where one side has just said it, else what went wrong. */
function errorText({ code, reason, message }: P2pError): string {
  const wasSaid = code === 'P2P_DISCONNECTED' || code === 'P2P_REQUESTED'
  return wasSaid && reason !== undefined ? describeDisconnectReason(reason) : message.slice(0, maxErrorLength)
}
