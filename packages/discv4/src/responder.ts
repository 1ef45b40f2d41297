import type { Crypto } from '@ethwire/crypto'
import type { LocalNode, NodeAddress } from '@ethwire/enr'
import type { Clock, SocketEndpoint } from '@ethwire/io'
import type { Table } from '@ethwire/kbucket'
import { relayRefusal } from '@ethwire/netutil'
import type { Bonds } from './bonds.ts'
import type { Counters } from './counters.ts'
import type { Deadlines } from './deadlines.ts'
import type { Identities, Identity } from './identities.ts'
import type { LocalEndpoint } from './local-endpoint.ts'
import {
  type EnrRequestPacket,
  type FindnodePacket,
  maxNeighbors,
  type PacketNode,
  type PingPacket,
} from './packet-types.ts'
import { maxFound } from './query-requests.ts'
import type { Requests } from './requests.ts'
import type { Transport } from './transport.ts'

/** Reads of the node database for somebody's request that may be under way at once. */
const maxProofReads = 256
/** One that takes longer proves nothing: whoever asks has given up by then, and others want its place. */
const proofReadMs = 500

export interface ResponderOptions {
  readonly localNode: LocalNode
  readonly crypto: Crypto
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly table: Table<NodeAddress>
  readonly bonds: Bonds
  readonly identities: Identities
  readonly transport: Transport
  readonly requests: Requests
  readonly counters: Counters
  readonly localEndpoint: LocalEndpoint | undefined
  /** A node with a proven endpoint has spoken to us. */
  seen(node: NodeAddress): void
  /** A node has pinged us and does not answer ours. */
  unproven(node: NodeAddress): void
}

/** What others ask of us. */
export class Responder {
  readonly #options: ResponderOptions
  #proofReads = 0

  constructor(options: ResponderOptions) {
    this.#options = options
  }

  ping(packet: PingPacket, hash: Uint8Array, sender: Identity, from: SocketEndpoint): void {
    const { transport, bonds, identities, requests, localEndpoint, seen, unproven } = this.#options
    const { ip, port } = from
    const { tcpPort } = packet.from
    // What the packet says of where it comes from is not looked at, but for the TCP port.
    const endpoint = { ip, udpPort: port, tcpPort }
    const expiration = transport.expiration()
    transport.send({ type: 'pong', to: endpoint, pingHash: hash, expiration, enrSeq: transport.enrSeq }, from)
    requests.pinged(sender.nodeIdHex, ip, packet)
    const node = identities.node(sender, endpoint)
    if (bonds.isProven(sender, from)) {
      bonds.ping(sender, from)
      // Only who has shown where it is may say where we are.
      localEndpoint?.statement(ip, packet.to)
      seen(node)
      return
    }
    requests.sendPing(node, from, { isOurs: false, again: false }, (outcome) => {
      if (typeof outcome === 'string') {
        unproven(node)
        return
      }
      bonds.ping(sender, from)
      seen(node)
    })
  }

  findnode(packet: FindnodePacket, sender: Identity, from: SocketEndpoint): void {
    // The packet may have gone by the time that a database has answered.
    const target = this.#options.crypto.keccak256(packet.target)
    this.#ifProven(sender, from, () => this.#sendNeighbors(target, from))
  }

  enrRequest(_packet: EnrRequestPacket, hash: Uint8Array, sender: Identity, from: SocketEndpoint): void {
    const { transport, localNode } = this.#options
    this.#ifProven(sender, from, () => {
      transport.send({ type: 'enrResponse', requestHash: hash, record: localNode.record.bytes }, from)
    })
  }

  #sendNeighbors(target: Uint8Array, from: SocketEndpoint): void {
    const { table, transport } = this.#options
    const expiration = transport.expiration()
    let nodes: PacketNode[] = []
    let isSent = false
    for (const { publicKey, host, udpPort, tcpPort } of table.tellable(target, maxFound)) {
      if (host === undefined || relayRefusal(from.ip, host) !== undefined) continue
      nodes.push({ publicKey, ip: host, udpPort, tcpPort })
      if (nodes.length < maxNeighbors) continue
      transport.send({ type: 'neighbors', nodes, expiration }, from)
      isSent = true
      nodes = []
    }
    // An empty answer is one, too: who asked need not wait.
    if (nodes.length > 0 || !isSent) transport.send({ type: 'neighbors', nodes, expiration }, from)
  }

  /**
   * Answers who has proven that the packet's address is its own. Without that, anybody could have larger packets than it
   * sends go to a victim.
   */
  #ifProven(sender: Identity, from: SocketEndpoint, answer: () => void): void {
    const { bonds, clock, counters, deadlines } = this.#options
    // Asked before a read begins, which could not be called off.
    if (this.#proofReads >= maxProofReads && !bonds.isProven(sender, from)) {
      counters.drop('busy')
      return
    }
    const isProven = bonds.wasProven(sender, from)
    if (isProven === true) {
      answer()
      return
    }
    if (isProven === false) {
      counters.drop('unproven')
      return
    }
    this.#proofReads++
    const end = (proven: boolean): void => {
      this.#proofReads--
      if (proven) answer()
      else counters.drop('unproven')
    }
    const deadline = deadlines.at(clock.monotonicMs() + proofReadMs, () => end(false))
    void isProven.then((proven) => {
      if (deadline.isOver) return
      deadline.isOver = true
      end(proven)
    })
  }
}
