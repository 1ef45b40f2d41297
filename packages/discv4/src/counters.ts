import type { Counter, Metrics } from '@ethwire/io'
import type { PacketErrorCode } from './errors.ts'
import { type Packet, packetTypes } from './packet-types.ts'
import type { BudgetRefusal } from './sender-budget.ts'

/** Why a packet is of no use. */
export type PacketDrop =
  | PacketErrorCode
  | BudgetRefusal
  /** Its sender's address is not among those allowed. */
  | 'net-restrict'
  | 'expired'
  /** It bears our own signature. */
  | 'self'
  /** An answer that nobody waits for. */
  | 'unsolicited'
  /** A request from an endpoint that has proven nothing. */
  | 'unproven'
  /** So many signers are being looked for, or proofs read, that one more would take too much memory. */
  | 'busy'

/** geth's names where it has them: `discover/ingress`, `discover/egress` in bytes. */
export class Counters {
  readonly ingress: Counter
  readonly egress: Counter
  /** Packets of each type in, out. */
  readonly packetsIn: Readonly<Record<Packet['type'], Counter>>
  readonly packetsOut: Readonly<Record<Packet['type'], Counter>>
  readonly timeouts: Counter
  readonly unsent: Counter
  readonly #metrics: Metrics
  // bounded: one for each reason
  readonly #drops = new Map<PacketDrop, Counter>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    this.ingress = metrics.counter('discover/ingress')
    this.egress = metrics.counter('discover/egress')
    this.packetsIn = ofTypes(metrics, 'in')
    this.packetsOut = ofTypes(metrics, 'out')
    this.timeouts = metrics.counter('discover/timeouts')
    this.unsent = metrics.counter('discover/unsent')
  }

  drop(reason: PacketDrop): void {
    let counter = this.#drops.get(reason)
    if (counter === undefined) {
      counter = this.#metrics.counter(`discover/drop/${reason.toLowerCase().replaceAll('_', '-')}`)
      this.#drops.set(reason, counter)
    }
    counter.add()
  }
}

function ofTypes(metrics: Metrics, direction: 'in' | 'out'): Readonly<Record<Packet['type'], Counter>> {
  const counters = packetTypes.map((type) => [type, metrics.counter(`discover/packets/${direction}/${type}`)])
  return Object.fromEntries(counters) as Record<Packet['type'], Counter>
}
