import type { SocketEndpoint } from './stream.ts'

/** A received datagram and where it came from. */
export interface Datagram {
  readonly bytes: Uint8Array
  readonly from: SocketEndpoint
}

/** A bound datagram socket. Iteration yields packets and ends when the socket is closed. */
export interface DatagramSocket extends AsyncIterable<Datagram> {
  readonly local: SocketEndpoint
  /** Sends one packet; resolves when it was handed to the network, which says nothing of its arrival. */
  send(bytes: Uint8Array, to: SocketEndpoint): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

/** Binds a datagram socket; port 0 takes a free one. */
export type BindDatagram = (endpoint: SocketEndpoint) => Promise<DatagramSocket>
