import type { Crypto } from '@ethwire/crypto'
import type { LocalNode, NodeAddress } from '@ethwire/enr'
import type { Clock, DatagramSocket, SocketEndpoint } from '@ethwire/io'
import type { Counters } from './counters.ts'
import { Discv4Error } from './errors.ts'
import type { NetRestrict } from './options.ts'
import { encodePacket } from './packet.ts'
import type { Packet, PacketEndpoint } from './packet-types.ts'

/** How long what we send is valid, in seconds (geth's value). */
const validSeconds = 20

export interface TransportOptions {
  readonly socket: DatagramSocket
  readonly localNode: LocalNode
  readonly privateKey: Uint8Array
  readonly crypto: Crypto
  readonly clock: Clock
  readonly counters: Counters
  readonly netRestrict: NetRestrict | undefined
}

/** Sends packets, signed, and knows where a node is to be reached. */
export class Transport {
  readonly #options: TransportOptions
  readonly #reachesV6: boolean
  readonly #reachesV4: boolean
  readonly #unsent: () => void
  #endpoint: PacketEndpoint | undefined
  #seq: bigint | undefined

  constructor(options: TransportOptions) {
    this.#options = options
    const { socket, counters } = options
    this.#reachesV4 = !socket.local.ip.includes(':') || socket.local.ip === '::'
    this.#reachesV6 = socket.local.ip.includes(':')
    this.#unsent = () => counters.unsent.add()
  }

  /** The local record has changed. */
  forgetSelf(): void {
    this.#endpoint = undefined
    this.#seq = undefined
  }

  /** Our endpoint as our record has it. Reading it makes and signs the record, if it has changed. */
  get endpoint(): PacketEndpoint {
    if (this.#endpoint === undefined) {
      const { host, udpPort, tcpPort } = this.#options.localNode.address
      this.#endpoint = { ip: host, udpPort, tcpPort }
    }
    return this.#endpoint
  }

  get enrSeq(): bigint {
    this.#seq ??= this.#options.localNode.seq
    return this.#seq
  }

  expiration(): number {
    return Math.ceil(this.#options.clock.now() / 1000) + validSeconds
  }

  encode(packet: Packet): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
    return encodePacket(packet, this.#options)
  }

  send(packet: Packet, to: SocketEndpoint): void {
    this.sendBytes(packet.type, this.encode(packet).bytes, to)
  }

  /** Sends what was encoded before. What cannot be sent is lost, as packets are. */
  sendBytes(type: Packet['type'], bytes: Uint8Array, to: SocketEndpoint): void {
    const { socket, counters } = this.#options
    counters.packetsOut[type].add()
    counters.egress.add(bytes.length)
    socket.send(bytes, to).catch(this.#unsent)
  }

  /**
   * Where a node takes our packets, if anywhere that is allowed.
   * @throws Discv4Error `DISCV4_NO_ENDPOINT`, `DISCV4_REFUSED`
   */
  reach(node: NodeAddress): SocketEndpoint {
    const endpoint = this.find(node)
    if (endpoint === undefined) {
      throw new Discv4Error('DISCV4_NO_ENDPOINT', 'expected a node with an IP address and a UDP port that we can reach')
    }
    if (this.#options.netRestrict?.contains(endpoint.ip) === false) {
      throw new Discv4Error('DISCV4_REFUSED', `${endpoint.ip} is not among the addresses allowed`)
    }
    return endpoint
  }

  /** Where a node takes our packets, by the families of addresses that the socket reaches. */
  find(node: NodeAddress): SocketEndpoint | undefined {
    for (const { host, udpPort } of node.endpoints) {
      if (udpPort !== 0 && this.reaches(host)) return { ip: host, port: udpPort }
    }
    return undefined
  }

  /** Whether a host is an address of a family that the socket reaches. */
  reaches(host: string): boolean {
    return host.includes(':') ? this.#reachesV6 : this.#reachesV4 && isDotted(host)
  }
}

/** Whether a host that is no IPv6 address is one of IPv4, not a name, such as `node1`: that is of digits and dots. */
function isDotted(host: string): boolean {
  for (let index = 0; index < host.length; index++) {
    const code = host.charCodeAt(index)
    if (code !== 46 && !(code >= 48 && code <= 57)) return false
  }
  return host !== ''
}
