import type { Clock, Datagram, SocketEndpoint } from '@ethwire/io'
import type { HostStation, MemoryDatagramHost, Uplink } from './datagram-host.ts'
import type { DatagramDrop, Station, Transmit } from './datagram-station.ts'

/**
 * What a NAT lets in, in the words of RFC 3489, section 5: with `full-cone` whoever knows the outer port; with
 * `restricted` the addresses, with `port-restricted` the endpoints that its host has sent to; with `symmetric` each
 * endpoint sent to sees another outer port, and it alone may answer there.
 */
export type NatKind = 'full-cone' | 'restricted' | 'port-restricted' | 'symmetric'

export interface MemoryNatOptions {
  /** The NAT's own address, which the network sees. */
  ip: string
  kind: NatKind
  /** How long a mapping lives after the last packet out; 2 minutes by default, the least that RFC 4787 allows. */
  mappingMs?: number
}

/** A NAT of a `MemoryDatagramNetwork`, with hosts behind it. */
export interface MemoryNat {
  readonly ip: string
  /** A host behind the NAT. Addresses behind different NATs may be the same. */
  host(ip: string): MemoryDatagramHost
}

/** Outer ports a NAT has in use; past this it forgets the one that sent longest ago. */
const maxMappings = 4096
/** Whom a mapping lets in; past this it forgets whom it sent to longest ago. */
const maxPeers = 1024
const firstOuterPort = 40_000
const maxPort = 65_535

interface Mapping {
  readonly key: string
  readonly host: HostStation
  readonly innerPort: number
  readonly outer: SocketEndpoint
  lastSentMs: number
  // By address or endpoint, when it was last sent to, the oldest first. bounded: maxPeers
  readonly peers: Map<string, number>
}

interface NatParts {
  readonly number: number
  readonly clock: Clock
  readonly transmit: Transmit
  stationAt(ip: string): Station | undefined
  createHost(ip: string, uplink: (host: Station) => Uplink): HostStation
}

export interface NatStation extends MemoryNat, Station {}

const endpointKey = ({ ip, port }: SocketEndpoint): string => `${ip} ${port}`

/** Moves a key to the young end of a map that is in the order of its keys' last use. */
function renew<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
}

export function createNatStation(options: MemoryNatOptions, parts: NatParts): NatStation {
  const { ip, kind, mappingMs = 2 * 60_000 } = options
  const { number, clock, transmit, stationAt, createHost } = parts
  if (!(mappingMs > 0)) throw new RangeError(`mappingMs must be above 0, got ${mappingMs}`)
  // bounded: the hosts of one test
  const hosts = new Map<string, HostStation>()
  // By inner endpoint (symmetric: and whom it sends to), the one that sent longest ago first. bounded: maxMappings
  const mappings = new Map<string, Mapping>()
  // bounded: maxMappings
  const byOuterPort = new Map<number, Mapping>()
  let nextPort = firstOuterPort

  const forget = (mapping: Mapping): void => {
    mappings.delete(mapping.key)
    byOuterPort.delete(mapping.outer.port)
  }

  const takeOuterPort = (): number => {
    while (byOuterPort.has(nextPort)) nextPort = nextPort === maxPort ? firstOuterPort : nextPort + 1
    const port = nextPort
    nextPort = nextPort === maxPort ? firstOuterPort : nextPort + 1
    return port
  }

  const mappingFor = (host: HostStation, local: SocketEndpoint, to: SocketEndpoint, nowMs: number): Mapping => {
    const key = kind === 'symmetric' ? `${endpointKey(local)} ${endpointKey(to)}` : endpointKey(local)
    const known = mappings.get(key)
    if (known !== undefined && nowMs - known.lastSentMs < mappingMs) {
      renew(mappings, key, known)
      return known
    }
    if (known !== undefined) forget(known)
    const [oldest] = mappings.values()
    if (oldest !== undefined && mappings.size >= maxMappings) forget(oldest)
    const outer = Object.freeze({ ip, port: takeOuterPort() })
    const mapping = { key, host, innerPort: local.port, outer, lastSentMs: nowMs, peers: new Map<string, number>() }
    mappings.set(key, mapping)
    byOuterPort.set(outer.port, mapping)
    return mapping
  }

  const peerKey = (peer: SocketEndpoint): string => (kind === 'restricted' ? peer.ip : endpointKey(peer))

  const letsIn = (mapping: Mapping, from: SocketEndpoint, nowMs: number): boolean => {
    if (nowMs - mapping.lastSentMs >= mappingMs) return false
    if (kind === 'full-cone') return true
    const sentToMs = mapping.peers.get(peerKey(from))
    return sentToMs !== undefined && nowMs - sentToMs < mappingMs
  }

  const uplink =
    (source: Station): Uplink =>
    (local, bytes, to) => {
      const neighbour = hosts.get(to.ip)
      if (neighbour !== undefined) {
        transmit(source, local, neighbour, to.port, bytes)
        return
      }
      const nowMs = clock.monotonicMs()
      const mapping = mappingFor(source as HostStation, local, to, nowMs)
      mapping.lastSentMs = nowMs
      if (kind !== 'full-cone') {
        renew(mapping.peers, peerKey(to), nowMs)
        const [oldest] = mapping.peers.keys()
        if (oldest !== undefined && mapping.peers.size > maxPeers) mapping.peers.delete(oldest)
      }
      transmit(nat, mapping.outer, stationAt(to.ip), to.port, bytes)
    }

  const nat: NatStation = {
    ip,
    number,
    group: undefined,
    host(innerIp) {
      let host = hosts.get(innerIp)
      if (host === undefined) {
        host = createHost(innerIp, uplink)
        hosts.set(innerIp, host)
      }
      return host
    },
    receive(port: number, datagram: Datagram): DatagramDrop | undefined {
      const mapping = byOuterPort.get(port)
      if (mapping === undefined || !letsIn(mapping, datagram.from, clock.monotonicMs())) return 'nat'
      return mapping.host.receive(mapping.innerPort, datagram)
    },
  }
  return nat
}
