import type { EventSource } from '@ethwire/io'
import type { SharedProtocol } from './capabilities.ts'
import type { MessageListener, Peer } from './peer.ts'
import type { MessageEvent, P2pServerEvents } from './server-events.ts'

/** Makes events of the messages of all peers. */
export function messageEvents(events: EventSource<P2pServerEvents>): MessageListener {
  return {
    sent: (...message) => events.emit('msg:send', eventOf(...message)),
    received: (...message) => events.emit('msg:recv', eventOf(...message)),
  }
}

function eventOf(peer: Peer, { protocol, version }: SharedProtocol, code: number, bytes: number): MessageEvent {
  return { peer, protocol: protocol.name, version, code, bytes }
}
