import type { Datagram, SocketEndpoint } from '@ethwire/io'

/** Why a packet did not arrive. */
export type DatagramDrop =
  /** By chance, as `lossPercent` says. */
  | 'loss'
  /** Its receiver is on the other side of a partition. */
  | 'partition'
  /** Nobody has that address, or no socket that port. */
  | 'unreachable'
  /** A NAT had no way for it. */
  | 'nat'
  /** Its receiver had `maxWaiting` packets unread. */
  | 'queue-full'
  /** `maxInFlight` packets were under way. */
  | 'in-flight-full'

/** What has an address of its own on a network: a host or a NAT. */
export interface Station {
  readonly ip: string
  /** Counts the stations of a network; two of these give a path its latency. */
  readonly number: number
  /** Stations of different groups do not hear each other. */
  group: unknown
  /** A packet has arrived; says why it goes no further. */
  receive(port: number, datagram: Datagram): DatagramDrop | undefined
}

/** Brings a packet from one station to another; `to` is undefined where nobody has the address. */
export type Transmit = (
  source: Station,
  from: SocketEndpoint,
  to: Station | undefined,
  port: number,
  bytes: Uint8Array,
) => void
