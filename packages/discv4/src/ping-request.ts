import type { NodeAddress } from '@ethwire/enr'
import type { SocketEndpoint } from '@ethwire/io'
import type { Pong } from './discv4.ts'
import { Discv4Error } from './errors.ts'
import type { Packet, PongPacket } from './packet-types.ts'
import { type Match, PendingReply, type ReplyOwner } from './pending-replies.ts'

/** Why there is no pong. Codes, of which errors are made for whoever is to read them: most that fail tell nobody. */
export type PingFailure = 'DISCV4_TIMEOUT' | 'DISCV4_BUSY' | 'DISCV4_CLOSED'

/** What came of a ping. */
export type PingOutcome = Pong | PingFailure

/** Whether a hash that was received is that of a request. */
export function isHash(received: Uint8Array, hash: Uint8Array): boolean {
  if (received.length !== hash.length) return false
  for (let index = 0; index < hash.length; index++) if (received[index] !== hash[index]) return false
  return true
}

/** What a ping needs of whoever sent it. */
export interface PingOwner extends ReplyOwner {
  /** The ping was answered, by whom it was sent to: the endpoint is proven. */
  ponged(ping: PingRequest, pong: Pong): void
}

/** A ping under way. Whoever wants to ping the same endpoint meanwhile may join it. */
export class PingRequest extends PendingReply {
  readonly to: SocketEndpoint
  /** Whether the node has pinged us since, and had our pong. */
  hasPingedUs = false
  readonly #hash: Uint8Array
  readonly #pings: PingOwner
  readonly #sentAtMs: number
  // bounded: by those that want to know at once, each of them one call
  readonly #waiting: ((outcome: PingOutcome) => void)[] = []

  constructor(node: NodeAddress, to: SocketEndpoint, hash: Uint8Array, isOurs: boolean, owner: PingOwner) {
    super(node, to.ip, 'pong', owner, { isOurs })
    this.to = to
    this.#hash = hash
    this.#pings = owner
    this.#sentAtMs = owner.nowMs()
  }

  whenDone(done: (outcome: PingOutcome) => void): void {
    this.#waiting.push(done)
  }

  override awaits(packet: Packet): packet is PongPacket {
    return packet.type === 'pong' && isHash(packet.pingHash, this.#hash)
  }

  match(packet: Packet): Match {
    if (!this.awaits(packet)) return 'other'
    const { ip, udpPort } = packet.to
    const rttMs = this.owner.nowMs() - this.#sentAtMs
    const pong: Pong = { rttMs, enrSeq: packet.enrSeq, seenAt: { ip, udpPort } }
    this.#pings.ponged(this, pong)
    this.#settle(pong)
    return 'last'
  }

  expire(): void {
    this.#settle('DISCV4_TIMEOUT')
  }

  abandon(): void {
    this.#settle('DISCV4_CLOSED')
  }

  #settle(outcome: PingOutcome): void {
    for (const done of this.#waiting) done(outcome)
  }
}

export function closedError(): Discv4Error {
  return new Discv4Error('DISCV4_CLOSED', 'discovery was closed')
}
