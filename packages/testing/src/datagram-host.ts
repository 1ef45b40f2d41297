import { type BindDatagram, createAsyncQueue, type Datagram, IoError, type SocketEndpoint } from '@ethwire/io'
import type { DatagramDrop, Station } from './datagram-station.ts'

const firstEphemeralPort = 49152
const maxPort = 65535
/** What UDP over IPv4 can carry. */
const maxDatagramBytes = 65_507

/** What a host has sent and what has reached its sockets. */
export interface DatagramTraffic {
  readonly sentPackets: number
  readonly sentBytes: number
  readonly receivedPackets: number
  readonly receivedBytes: number
  /** Packets that came while `maxWaiting` others were unread. */
  readonly droppedPackets: number
}

/** One machine of a `MemoryDatagramNetwork`. */
export interface MemoryDatagramHost {
  readonly ip: string
  /** `0.0.0.0` and `::` stand for the host's own address. */
  readonly bind: BindDatagram
  readonly traffic: DatagramTraffic
}

/** Where a socket's packets go next: onto the network, or through a NAT first. */
export type Uplink = (local: SocketEndpoint, bytes: Uint8Array, to: SocketEndpoint) => void

export interface HostStation extends MemoryDatagramHost, Station {}

interface HostOptions {
  ip: string
  number: number
  maxWaiting: number
  copyBytes: boolean
  uplink(host: Station): Uplink
}

/** Resolved: a packet in memory is handed over as soon as `send` is called. */
const handedOver = Promise.resolve()

export function createHostStation({ ip, number, maxWaiting, copyBytes, uplink }: HostOptions): HostStation {
  // bounded: the ports there are
  const sockets = new Map<number, (datagram: Datagram) => boolean>()
  const traffic = { sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0, droppedPackets: 0 }
  let nextPort = firstEphemeralPort

  const freePort = (): number => {
    for (let tries = 0; tries <= maxPort - firstEphemeralPort; tries++) {
      const port = nextPort
      nextPort = nextPort === maxPort ? firstEphemeralPort : nextPort + 1
      if (!sockets.has(port)) return port
    }
    throw new IoError('IO_LIMIT', `no port is free on ${ip}`)
  }

  const bind: BindDatagram = async (endpoint) => {
    if (endpoint.ip !== ip && endpoint.ip !== '0.0.0.0' && endpoint.ip !== '::') {
      throw new IoError('IO_UNREACHABLE', `${endpoint.ip} is not an address of the host ${ip}`)
    }
    const local = Object.freeze({ ip, port: endpoint.port === 0 ? freePort() : endpoint.port })
    if (sockets.has(local.port)) throw new IoError('IO_ADDRESS_IN_USE', `port ${local.port} is in use`)
    // bounded: maxWaiting
    const waiting = createAsyncQueue<Datagram>({ maxItems: maxWaiting })
    let taker: ((datagram: Datagram) => void) | undefined
    sockets.set(local.port, (datagram) => {
      if (taker === undefined) return waiting.push(datagram)
      taker(datagram)
      return true
    })
    let isClosed = false
    return {
      local,
      onPacket(take) {
        if (isClosed) return
        taker = take
        for (const datagram of waiting.clear()) take(datagram)
      },
      send(bytes, to) {
        if (isClosed) return Promise.reject(new IoError('IO_CLOSED', 'the socket is closed'))
        if (bytes.length > maxDatagramBytes) {
          return Promise.reject(new IoError('IO_LIMIT', `${bytes.length} bytes do not fit into a datagram`))
        }
        traffic.sentPackets++
        traffic.sentBytes += bytes.length
        // A copy: the sender may change its array as soon as send() has resolved.
        send(local, copyBytes ? new Uint8Array(bytes) : bytes, to)
        return handedOver
      },
      async close() {
        if (isClosed) return
        isClosed = true
        sockets.delete(local.port)
        waiting.end()
        waiting.clear()
      },
      [Symbol.asyncIterator]: () => ({ next: () => waiting.next() }),
    }
  }

  const receive = (port: number, datagram: Datagram): DatagramDrop | undefined => {
    const push = sockets.get(port)
    if (push === undefined) return 'unreachable'
    if (!push(datagram)) {
      traffic.droppedPackets++
      return 'queue-full'
    }
    traffic.receivedPackets++
    traffic.receivedBytes += datagram.bytes.length
    return undefined
  }

  const host: HostStation = { ip, number, group: undefined, bind, traffic, receive }
  const send = uplink(host)
  return host
}
