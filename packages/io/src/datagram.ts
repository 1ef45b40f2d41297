import type { SocketEndpoint } from './stream.ts'

/** A received datagram and where it came from. */
export interface Datagram {
  readonly bytes: Uint8Array
  readonly from: SocketEndpoint
}

/** A bound datagram socket. Iteration yields packets and ends when the socket is closed. */
export interface DatagramSocket extends AsyncIterable<Datagram> {
  readonly local: SocketEndpoint
  /**
   * Hands each packet over as it comes, what waits first; from then on iteration yields none. Not every socket has it: it
   * is for who drops most of what a flood brings, where a promise for each packet costs more than to look at it. `take`
   * does not throw.
   */
  onPacket?(take: (datagram: Datagram) => void): void
  /** Sends one packet; resolves when it was handed to the network, which says nothing of its arrival. */
  send(bytes: Uint8Array, to: SocketEndpoint): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

/** Binds a datagram socket; port 0 takes a free one. */
export type BindDatagram = (endpoint: SocketEndpoint) => Promise<DatagramSocket>
