import type { NodeAddress } from '@ethwire/enr'
import type { Discv4Error } from './errors.ts'
import {
  type EnrResponsePacket,
  maxNeighbors,
  type NeighborsPacket,
  type Packet,
  type PacketNode,
} from './packet-types.ts'
import { type Match, PendingReply, type ReplyOwner } from './pending-replies.ts'
import { closedError, isHash } from './ping-request.ts'

/** Nodes of one answer: what geth's bucket holds, and what it waits for. */
export const maxFound = 16

/**
 * How long after a Neighbors packet that was not full its sender is waited for: it has sent all that it had, in one go, and
 * what overtook it is not far behind. geth waits for the rest of the half second.
 */
const restMs = 150

export interface FindnodeOwner extends ReplyOwner {
  /** The node that somebody told us of, if it may be contacted. */
  accept(told: PacketNode, by: NodeAddress, fromIp: string): NodeAddress | undefined
  /** The request waits for so long at most from now on. Called once. */
  shorten(request: FindnodeRequest, waitMs: number): void
}

/** A findnode request under way: several packets make one answer, of which only the first is sure to come. */
export class FindnodeRequest extends PendingReply {
  readonly #queries: FindnodeOwner
  readonly #done: (outcome: NodeAddress[] | Discv4Error | undefined) => void
  // By node ID. bounded: maxFound
  readonly #found = new Map<string, NodeAddress>()
  #told = 0
  #isAnswered = false
  #isShortened = false

  /** `done` is called once: with the nodes, `undefined` when nothing came, or an error at `close`. */
  constructor(
    node: NodeAddress,
    ip: string,
    owner: FindnodeOwner,
    done: (outcome: NodeAddress[] | Discv4Error | undefined) => void,
  ) {
    super(node, ip, 'neighbors', owner)
    this.#queries = owner
    this.#done = done
  }

  override get isAnswered(): boolean {
    return this.#isAnswered
  }

  match(packet: Packet): Match {
    if (packet.type !== 'neighbors') return 'other'
    this.#isAnswered = true
    this.#take(packet)
    // Counted as told, accepted or not: who tells of sixteen has no more to tell.
    if (this.#told >= maxFound) {
      this.#done([...this.#found.values()])
      return 'last'
    }
    // Once: whoever goes on sending a little gets no more time for it.
    if (packet.nodes.length < maxNeighbors && !this.#isShortened) {
      this.#isShortened = true
      this.#queries.shorten(this, restMs)
    }
    return 'more'
  }

  #take({ nodes }: NeighborsPacket): void {
    for (const told of nodes) {
      if (this.#told >= maxFound) return
      const node = this.#queries.accept(told, this.node, this.ip)
      if (node !== undefined && this.#found.has(node.nodeIdHex)) continue
      this.#told++
      if (node !== undefined) this.#found.set(node.nodeIdHex, node)
    }
  }

  expire(): void {
    this.#done(this.#isAnswered ? [...this.#found.values()] : undefined)
  }

  abandon(): void {
    this.#done(closedError())
  }
}

/** An ENRRequest under way. `done` is called once, as that of a `FindnodeRequest`. */
export class RecordRequest extends PendingReply {
  readonly #hash: Uint8Array
  readonly #done: (outcome: Uint8Array | Discv4Error | undefined) => void

  constructor(
    node: NodeAddress,
    ip: string,
    hash: Uint8Array,
    owner: ReplyOwner,
    done: (outcome: Uint8Array | Discv4Error | undefined) => void,
  ) {
    super(node, ip, 'enrResponse', owner)
    this.#hash = hash
    this.#done = done
  }

  override awaits(packet: Packet): packet is EnrResponsePacket {
    return packet.type === 'enrResponse' && isHash(packet.requestHash, this.#hash)
  }

  match(packet: Packet): Match {
    if (!this.awaits(packet)) return 'other'
    this.#done(packet.record)
    return 'last'
  }

  expire(): void {
    this.#done(undefined)
  }

  abandon(): void {
    this.#done(closedError())
  }
}

/** Waits for a ping of a node: it may be about to prove its endpoint, and ours with it. */
export class PingWait extends PendingReply {
  readonly #done: () => void

  constructor(node: NodeAddress, ip: string, waitMs: number, owner: ReplyOwner, done: () => void) {
    super(node, ip, 'ping', owner, { waitMs })
    this.#done = done
  }

  match(): Match {
    this.#done()
    return 'last'
  }

  expire(): void {
    this.#done()
  }

  abandon(): void {
    this.#done()
  }
}
