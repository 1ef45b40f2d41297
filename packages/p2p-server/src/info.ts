import { ip6Entry, ipEntry, type LocalNode, tcpEntry, udpEntry } from '@ethwire/enr'
import type { SocketEndpoint } from '@ethwire/io'
import { formatCapability, type Protocol } from '@ethwire/protocol'
import type { Peer } from './peer.ts'
import type { Started } from './starting.ts'

/** A peer in the shape of geth's `admin_peers`. */
export interface PeerInfo {
  readonly enr?: string
  readonly enode: string
  readonly id: string
  readonly name: string
  readonly caps: readonly string[]
  readonly network: {
    readonly localAddress: string
    readonly remoteAddress: string
    readonly inbound: boolean
    readonly trusted: boolean
    readonly static: boolean
  }
  readonly protocols: Readonly<Record<string, unknown>>
}

/** The local node in the shape of geth's `admin_nodeInfo`, and the names of the discovery protocols that run. */
export interface NodeInfo {
  readonly id: string
  readonly name: string
  readonly enode: string
  readonly enr: string
  readonly ip: string
  /** 0 where nothing listens. */
  readonly ports: { readonly discovery: number; readonly listener: number }
  readonly listenAddr: string
  readonly discovery: readonly string[]
  readonly protocols: Readonly<Record<string, unknown>>
}

/** Shows a peer; `enr` is its record, where it is known. */
export function peerInfo(peer: Peer, protocols: readonly Protocol[], enr: string | undefined): PeerInfo {
  return {
    ...(enr !== undefined && { enr }),
    enode: peer.enode,
    id: peer.id,
    name: peer.clientId,
    caps: peer.capabilities.map(formatCapability),
    network: {
      localAddress: formatEndpoint(peer.local),
      remoteAddress: formatEndpoint(peer.remote),
      inbound: peer.inbound,
      trusted: peer.trusted,
      static: peer.isStatic,
    },
    protocols: Object.fromEntries(
      protocols.map((protocol) => [protocol.name, protocol.peerInfo?.(peer.id) ?? 'unknown']),
    ),
  }
}

export interface NodeInfoOptions extends Pick<Started, 'listener' | 'socket' | 'discovery'> {
  readonly localNode: LocalNode
  readonly clientId: string
  readonly protocols: readonly Protocol[]
}

/** Shows the local node as it is now. Ports are those of its record, which other nodes see: a NAT may have given others. */
export function nodeInfo(options: NodeInfoOptions): NodeInfo {
  const { localNode, clientId, protocols, listener, socket, discovery } = options
  const { record } = localNode
  return {
    id: localNode.nodeIdHex,
    name: clientId,
    enode: localNode.enode,
    enr: record.text,
    ip: record.get(ipEntry) ?? record.get(ip6Entry) ?? '',
    ports: {
      discovery: socket === undefined ? 0 : (record.get(udpEntry) ?? socket.local.port),
      listener: listener === undefined ? 0 : (record.get(tcpEntry) ?? listener.local.port),
    },
    listenAddr: listener === undefined ? '' : formatEndpoint(listener.local),
    discovery: discovery.map(({ name }) => name),
    protocols: Object.fromEntries(protocols.map((protocol) => [protocol.name, protocol.nodeInfo?.() ?? 'unknown'])),
  }
}

/** `1.2.3.4:30303`, `[::1]:30303` */
export function formatEndpoint({ ip, port }: SocketEndpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
