import type { Random } from '@ethwire/io'
import { createTokenBuckets, type TokenBuckets } from '@ethwire/netutil'
import { SharedBudget } from './shared-budget.ts'

/** Packets of an address at once, and again each second. Those of a proven endpoint are ten times as many. */
const packetsAtOnce = 100
const packetsPerSecond = 20
const provenScale = 10

/** The same of unproven endpoints of an IPv4 /24 or an IPv6 /48. */
const subnetAtOnce = 4 * packetsAtOnce
const subnetPerSecond = 2 * packetsPerSecond

/**
 * What all endpoints have together that nobody has proven, since a flood from forged addresses has no address of its own:
 * packets, and 0.04 of a core, in which some 250 pings are answered; with a slow crypto backend time ends before packets do.
 */
const strangers = { workMs: 200, workPerSecond: 40, packets: 1000, packetsPerSecond: 1000 }

/**
 * Who wants to be known needs one ping to be heard, and sends another when it is not. What an address sends beyond that,
 * three at once and one in a second, comes behind those that are new: so that they are heard though thousands of addresses
 * call without end. What is not heard counts, too. Of IPv6 it is the /48, as addresses are for the taking there.
 */
const newcomer = { capacity: 3, refillPerSecond: 1, bits6: 48, maxKeys: 12_288 }

/** What proven endpoints have together: 0.2 of a core, half of it for addresses that ask for less than this. */
const proven = { workMs: 400, workPerSecond: 200 }
const modestlyProven = { capacity: 20, refillPerSecond: 10, maxKeys: 2048 }

/** Why a packet is dropped unread. */
export type BudgetRefusal = 'address-budget' | 'subnet-budget' | 'stranger-budget' | 'proven-budget'

/**
 * What is known of a sender before its packet is read: we have asked it something; its endpoint is proven; it may be
 * answering a ping that it made us send, which can be seen at little cost; or nothing.
 */
export type Standing = 'asked' | 'proven' | 'answering' | 'stranger'

/**
 * What senders may cost. Finding out who signed a packet is most of the work on it, and anybody can make it necessary: so
 * each address has a budget, each subnet has one, and all that have not proven an endpoint have one together, which leaves
 * those that have undisturbed, as those leave the answers to what we ask ourselves.
 */
export class SenderBudget {
  // bounded: 0.84 MB together
  readonly #addresses: TokenBuckets
  readonly #subnets: TokenBuckets
  readonly #strangers: SharedBudget
  readonly #proven: SharedBudget

  constructor(random: Random) {
    this.#addresses = createTokenBuckets({
      capacity: packetsAtOnce,
      refillPerSecond: packetsPerSecond,
      maxKeys: 6144,
      random,
    })
    this.#subnets = createTokenBuckets({
      capacity: subnetAtOnce,
      refillPerSecond: subnetPerSecond,
      bits4: 24,
      bits6: 48,
      maxKeys: 2048,
      random,
    })
    this.#strangers = new SharedBudget({ ...strangers, modest: { ...newcomer, random } })
    this.#proven = new SharedBudget({ ...proven, modest: { ...modestlyProven, random } })
  }

  /** What the buckets take now. */
  get memoryBytes(): number {
    return [this.#addresses, this.#subnets, this.#strangers, this.#proven].reduce(
      (sum, one) => sum + one.memoryBytes,
      0,
    )
  }

  /** Whether the sender has something left; why not, otherwise. While there is little, that it called is remembered. */
  refusal(ip: string, standing: Standing, nowMs: number): BudgetRefusal | undefined {
    if (!this.#addresses.available(ip, nowMs, scaleOf(standing))) return 'address-budget'
    if (standing === 'stranger') return this.#refuseStranger(ip, nowMs)
    if (standing === 'proven' && this.#proven.judge(ip, nowMs) === 'refused') return 'proven-budget'
    return undefined
  }

  #refuseStranger(ip: string, nowMs: number): BudgetRefusal | undefined {
    const judgement = this.#strangers.judge(ip, nowMs)
    if (judgement === 'refused') return 'stranger-budget'
    if (judgement === 'modest' || this.#subnets.available(ip, nowMs)) return undefined
    return this.#strangers.isModest(ip, nowMs) ? undefined : 'subnet-budget'
  }

  /** A packet is worth to find out who signed it. */
  charge(ip: string, standing: Standing, nowMs: number): void {
    this.#addresses.charge(ip, nowMs, 1, scaleOf(standing))
    if (standing !== 'stranger') return
    this.#subnets.charge(ip, nowMs)
    this.#strangers.charge()
  }

  /** What the work on a packet took, be it worth it or not. */
  spend(standing: Standing, ms: number): void {
    if (standing === 'asked') return
    if (standing === 'proven') this.#proven.spend(ms)
    else this.#strangers.spend(ms)
  }
}

function scaleOf(standing: Standing): number {
  return standing === 'proven' || standing === 'asked' ? provenScale : 1
}
