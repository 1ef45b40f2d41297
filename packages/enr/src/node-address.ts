import { isLinkLocal, isLoopback, isMulticast, isPrivate, isUnspecified } from '@ethwire/netutil'
import { bytesToHex } from '@noble/hashes/utils.js'
import { type EnodeUrl, parseEnode } from './enode-url.ts'
import { ip6Entry, ipEntry, tcp6Entry, tcpEntry, udp6Entry, udpEntry } from './entries.ts'
import { EnrError } from './errors.ts'
import { type CryptoOption, type NodeId, nodeIdFromPublicKey } from './node-id.ts'
import { type NodeRecord, parseRecord } from './record.ts'

/** Where a node can be reached. A port of 0 says not there. */
export interface NodeEndpoint {
  /** An IP address, or a host name from an enode URL. */
  readonly host: string
  readonly tcpPort: number
  readonly udpPort: number
}

/** A node that one can dial, from an enode URL or a record. It has the fields of an `EnodeUrl`. */
export interface NodeAddress extends EnodeUrl {
  /** 32 bytes. */
  readonly nodeId: NodeId
  /** The node ID as 64 hex digits, for keys of maps. */
  readonly nodeIdHex: string
  /** All endpoints, the best first: its host and ports are the address's own. */
  readonly endpoints: readonly NodeEndpoint[]
  readonly record?: NodeRecord
  /** The record as text, `enr:…`, of a node that has one. */
  readonly enr?: string
}

/** How far an address reaches; geth prefers the most global one. */
function reach(ip: string): number {
  if (isLoopback(ip)) return 1
  if (isLinkLocal(ip)) return 2
  if (isPrivate(ip)) return 3
  return 4
}

/** A node by its record. Multicast and unspecified addresses in it are passed over. */
export function nodeFromRecord(record: NodeRecord): NodeAddress {
  const tcp = record.get(tcpEntry) ?? 0
  const udp = record.get(udpEntry) ?? 0
  const ip6 = record.get(ip6Entry)
  // IPv4 in the place of IPv6 goes with the ports of IPv4.
  const isMapped = ip6 !== undefined && !ip6.includes(':')
  const candidates = [
    { host: record.get(ipEntry), tcpPort: tcp, udpPort: udp },
    {
      host: ip6,
      tcpPort: isMapped ? tcp : (record.get(tcp6Entry) ?? tcp),
      udpPort: isMapped ? udp : (record.get(udp6Entry) ?? udp),
    },
  ]
  const endpoints: NodeEndpoint[] = []
  for (const { host, tcpPort, udpPort } of candidates) {
    if (host !== undefined && !isUnspecified(host) && !isMulticast(host)) endpoints.push({ host, tcpPort, udpPort })
  }
  endpoints.sort((a, b) => reach(b.host) - reach(a.host))
  const [best] = endpoints
  return {
    publicKey: record.publicKey,
    nodeId: record.nodeId,
    nodeIdHex: record.nodeIdHex,
    endpoints,
    record,
    // Made when it is read: few that meet a node show it.
    get enr() {
      return record.text
    },
    ...(best ?? { tcpPort: tcp, udpPort: udp }),
  }
}

/** A node by its enode URL. */
export function nodeFromEnode(enode: EnodeUrl, options: CryptoOption = {}): NodeAddress {
  const { publicKey, host, tcpPort, udpPort } = enode
  const nodeId = nodeIdFromPublicKey(publicKey, options)
  const known = host === undefined ? undefined : { host, tcpPort, udpPort }
  return {
    publicKey,
    nodeId,
    nodeIdHex: bytesToHex(nodeId),
    endpoints: known === undefined ? [] : [known],
    ...(known ?? { tcpPort, udpPort }),
  }
}

/**
 * Reads a node in either form that users have: `enode://…` or `enr:…`.
 *
 * @throws EnrError
 *
 * @example
 * import { parseNode } from '@ethwire/enr'
 *
 * const { host, tcpPort, udpPort } = parseNode(`enode://${'1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace243' +
 *   '51232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439'}@10.0.0.1:30303?discport=30301`)
 * console.log(host, tcpPort, udpPort) // 10.0.0.1 30303 30301
 */
export function parseNode(text: string, options: CryptoOption = {}): NodeAddress {
  if (text.startsWith('enode://')) return nodeFromEnode(parseEnode(text, options), options)
  if (text.startsWith('enr:')) return nodeFromRecord(parseRecord(text, options))
  throw new EnrError('NODE_TEXT', 'expected a node as enode://… or enr:…')
}
