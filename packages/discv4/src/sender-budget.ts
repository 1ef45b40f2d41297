import type { Random } from '@ethwire/io'
import { createTokenBuckets, type TokenBuckets } from '@ethwire/netutil'

/** Packets of an address at once, and again each second. Those of a proven endpoint are ten times as many. */
const packetsAtOnce = 100
const packetsPerSecond = 20
const provenScale = 10

/** Packets of all endpoints together that nobody has proven: a flood from forged addresses has no address of its own. */
const strangersAtOnce = 1000
const strangersPerSecond = 1000

/**
 * Time that packets of unproven endpoints may take, in ms: 0.12 of a core, after 200 ms at once. With a slow crypto backend
 * it ends before their number does.
 */
const strangerWorkMs = 200
const strangerWorkShare = 0.12

/** Why a packet is dropped unread. */
export type BudgetRefusal = 'address-budget' | 'stranger-budget'

/**
 * What senders may cost. Finding out who signed a packet is most of the work on it, and anybody can make it necessary: so
 * each address has a budget, and all that have not proven an endpoint have one together, which leaves those that have
 * undisturbed.
 */
export class SenderBudget {
  readonly #addresses: TokenBuckets
  readonly #strangers: TokenBuckets
  #workMs = strangerWorkMs
  #workAtMs = 0

  constructor(random: Random) {
    this.#addresses = createTokenBuckets({ capacity: packetsAtOnce, refillPerSecond: packetsPerSecond, random })
    this.#strangers = createTokenBuckets({
      capacity: strangersAtOnce,
      refillPerSecond: strangersPerSecond,
      bits4: 0,
      bits6: 0,
      maxKeys: 2,
      random,
    })
  }

  /** Whether the sender has something left; why not, otherwise. Charges nothing. */
  refusal(ip: string, isProven: boolean, nowMs: number): BudgetRefusal | undefined {
    if (!this.#addresses.available(ip, nowMs, isProven ? provenScale : 1)) return 'address-budget'
    if (isProven) return undefined
    if (nowMs > this.#workAtMs) {
      this.#workMs = Math.min(strangerWorkMs, this.#workMs + (nowMs - this.#workAtMs) * strangerWorkShare)
      this.#workAtMs = nowMs
    }
    return this.#workMs > 0 && this.#strangers.available(ip, nowMs) ? undefined : 'stranger-budget'
  }

  charge(ip: string, isProven: boolean, nowMs: number): void {
    this.#addresses.charge(ip, nowMs, 1, isProven ? provenScale : 1)
    if (!isProven) this.#strangers.charge(ip, nowMs)
  }

  /** What the work on a stranger's packet took. */
  spend(ms: number): void {
    this.#workMs -= ms
  }
}
