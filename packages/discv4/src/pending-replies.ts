import type { NodeAddress } from '@ethwire/enr'
import type { SocketEndpoint } from '@ethwire/io'
import type { AddressHash } from './address-hash.ts'
import { Deadline, type Deadlines } from './deadlines.ts'
import type { Packet } from './packet-types.ts'

/** How long a node has to answer (geth's value). */
export const replyMs = 500

/** What an answer is to a request: not to this one, one of several, the last. */
export type Match = 'other' | 'more' | 'last'

/** A packet on its way. */
export interface Sending {
  readonly type: Packet['type']
  readonly bytes: Uint8Array
  readonly to: SocketEndpoint
}

/** Who made a request. */
export interface ReplyOwner {
  nowMs(): number
  /** The request's next time has come: to be sent again, or to be given up. */
  due(reply: PendingReply): void
}

/** Whoever was asked can name the request in as many packets as it likes, and sign them with anything. */
const spareReads = 8

/** A request that waits for packets of one type, of one node, from one address. */
export abstract class PendingReply extends Deadline {
  readonly node: NodeAddress
  readonly ip: string
  readonly type: Packet['type']
  /** Whether we began: answers to what a stranger made us ask have no claim to be read first. */
  readonly isOurs: boolean
  /** What is to be sent once more before the request is given up. */
  again: Sending | undefined
  /** Answers that may still be looked at though their sender's budget is spent. */
  spareReads: number = spareReads
  protected readonly owner: ReplyOwner

  constructor(
    node: NodeAddress,
    ip: string,
    type: Packet['type'],
    owner: ReplyOwner,
    { isOurs = true, waitMs = replyMs }: { readonly isOurs?: boolean; readonly waitMs?: number } = {},
  ) {
    super(owner.nowMs() + waitMs)
    this.node = node
    this.ip = ip
    this.type = type
    this.isOurs = isOurs
    this.owner = owner
  }

  /** Whether a part of the answer is there. */
  get isAnswered(): boolean {
    return false
  }

  /** A packet of the type has come from the node. */
  abstract match(packet: Packet): Match

  /** Whether the packet may be an answer, whoever signed it. Where it has to name the request, it does. */
  awaits(packet: Packet): boolean {
    return packet.type === this.type
  }

  onTime(): void {
    this.owner.due(this)
  }

  /** Nothing more is waited for. */
  abstract expire(): void
  /** Nobody waits any longer: discovery was closed. */
  abstract abandon(): void
}

/** Requests at once; one more is refused. What strangers make us ask may be half of them. */
const maxPending = 8192

const nothing: readonly PendingReply[] = []

/** The requests that wait for an answer. */
export class PendingReplies {
  readonly #deadlines: Deadlines
  readonly #hash: AddressHash
  // By the address that the answer comes from, as a hash that others may share: whether one is awaited from there is known
  // before its signer is. bounded: maxPending in all
  readonly #byHash = new Map<number, PendingReply[]>()
  #size = 0

  constructor(deadlines: Deadlines, hash: AddressHash) {
    this.#deadlines = deadlines
    this.#hash = hash
  }

  get size(): number {
    return this.#size
  }

  hasRoom(isOurs: boolean): boolean {
    return this.#size < (isOurs ? maxPending : maxPending / 2)
  }

  add(reply: PendingReply): void {
    const hash = this.#hash.of(reply.ip)
    const replies = this.#byHash.get(hash)
    if (replies === undefined) this.#byHash.set(hash, [reply])
    else replies.push(reply)
    this.#size++
    this.#deadlines.add(reply)
  }

  /** Takes a request out, be it answered or not. */
  remove(reply: PendingReply): void {
    reply.isOver = true
    const hash = this.#hash.of(reply.ip)
    const replies = this.#byHash.get(hash)
    const index = replies?.indexOf(reply) ?? -1
    if (replies === undefined || index < 0) return
    this.#size--
    if (replies.length === 1) this.#byHash.delete(hash)
    else replies.splice(index, 1)
  }

  /** Whether we asked somebody there of our own accord. */
  isExpectedFrom(ip: string): boolean {
    const replies = this.#at(ip)
    if (replies === undefined) return false
    for (const reply of replies) if (reply.isOurs && reply.ip === ip) return true
    return false
  }

  /** Whether somebody there may be about to answer by a packet of the type. */
  isTypeAwaited(ip: string, type: Packet['type']): boolean {
    const replies = this.#at(ip)
    if (replies === undefined) return false
    for (const reply of replies) if (reply.type === type && reply.ip === ip) return true
    return false
  }

  /** As `isAwaited`, for a sender whose budget is spent: a few times for each request. */
  takeSpareRead(ip: string, packet: Packet): boolean {
    for (const reply of this.#at(ip) ?? []) {
      if (reply.ip === ip && reply.spareReads > 0 && reply.awaits(packet)) {
        reply.spareReads--
        return true
      }
    }
    return false
  }

  /** Whether the packet may answer something, whoever signed it. */
  isAwaited(ip: string, packet: Packet): boolean {
    const replies = this.#at(ip)
    if (replies === undefined) return false
    for (const reply of replies) if (reply.ip === ip && reply.awaits(packet)) return true
    return false
  }

  /** The requests to a node that wait for packets of a type. */
  of(nodeIdHex: string, ip: string, type: Packet['type']): readonly PendingReply[] {
    const replies = this.#at(ip)
    if (replies === undefined) return nothing
    return replies.filter((reply) => reply.type === type && reply.ip === ip && reply.node.nodeIdHex === nodeIdHex)
  }

  /** Hands a packet to whoever waits for it. @returns whether somebody did */
  match(nodeIdHex: string, ip: string, packet: Packet): boolean {
    const replies = this.#at(ip)
    if (replies === undefined) return false
    let isMatched = false
    // Backwards: those that are answered are taken out.
    for (let index = replies.length - 1; index >= 0; index--) {
      const reply = replies[index]
      if (reply?.type !== packet.type || reply.ip !== ip || reply.node.nodeIdHex !== nodeIdHex) continue
      const match = reply.match(packet)
      if (match === 'other') continue
      isMatched = true
      if (match === 'last') this.remove(reply)
    }
    return isMatched
  }

  #at(ip: string): PendingReply[] | undefined {
    return this.#byHash.get(this.#hash.of(ip))
  }

  close(): void {
    const left = [...this.#byHash.values()].flat()
    this.#byHash.clear()
    this.#size = 0
    for (const reply of left) {
      reply.isOver = true
      reply.abandon()
    }
  }
}
