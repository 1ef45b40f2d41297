import { createAsyncQueue, type Datagram, type DatagramSocket } from '@ethwire/io'

/** Packets that wait for a protocol which reads what others did not understand; those beyond are dropped. */
const MAX_WAITING = 100

/** The part of a shared socket that a later protocol gets. */
export interface RelaySocket {
  readonly socket: DatagramSocket
  /** Hands over a packet; false when too many wait already. */
  push(datagram: Datagram): boolean
}

/** Makes a socket that sends by a shared one and receives only what it is handed. Closing it does not close the other. */
export function createRelaySocket(shared: DatagramSocket): RelaySocket {
  // bounded: MAX_WAITING packets
  const waiting = createAsyncQueue<Datagram>({ maxItems: MAX_WAITING })
  return {
    socket: {
      local: shared.local,
      send: (bytes, to) => shared.send(bytes, to),
      async close() {
        waiting.end()
        waiting.clear()
      },
      [Symbol.asyncIterator]: () => ({ next: () => waiting.next() }),
    },
    push: (datagram) => waiting.push(datagram),
  }
}
