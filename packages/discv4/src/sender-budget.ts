import type { Random } from '@ethwire/io'
import { createTokenBuckets, type TokenBuckets } from '@ethwire/netutil'
import { Allowance } from './allowance.ts'

/** Packets of an address at once, and again each second. Those of a proven endpoint are ten times as many. */
const packetsAtOnce = 100
const packetsPerSecond = 20
const provenScale = 10

/** The same of an IPv4 /24 or an IPv6 /48: as much as four addresses have. */
const subnetAtOnce = 4 * packetsAtOnce
const subnetPerSecond = 4 * packetsPerSecond

/** Packets of all endpoints together that nobody has proven: a flood from forged addresses has no address of its own. */
const strangersAtOnce = 1000
const strangersPerSecond = 1000

/**
 * Milliseconds that packets of unproven endpoints may take, at once and in each second: 0.04 of a core. Some 250 pings are
 * answered in that; with a slow crypto backend it ends long before the packets do.
 */
const strangerWorkMs = 200
const strangerWorkPerSecond = 40

/**
 * Who wants to be known needs one ping to be heard, and sends another when it is not. What an address sends beyond that,
 * three at once and one in 10 s, comes behind those that are new: so that they are heard though thousands of addresses
 * call without end. Of IPv6 it is the /48 that counts, as addresses are for the taking there.
 */
const freshAtOnce = 3
const freshPerSecond = 0.1

/** More for one packet is not its work: something else had the processor meanwhile. */
const mostWorkMs = 10

/** The share of what strangers have together that is kept for those that are new. */
const keptForFresh = 0.5

/** Why a packet is dropped unread. */
export type BudgetRefusal = 'address-budget' | 'subnet-budget' | 'stranger-budget'

/**
 * What is known of a sender before its packet is read: its endpoint is proven, or we have asked it something; it may be
 * answering a ping that it made us send, which can be seen at little cost; or nothing.
 */
export type Standing = 'proven' | 'answering' | 'stranger'

/**
 * What senders may cost. Finding out who signed a packet is most of the work on it, and anybody can make it necessary: so
 * each address has a budget, each subnet has one, and all that have not proven an endpoint have one together, which leaves
 * those that have undisturbed.
 */
export class SenderBudget {
  // bounded: 0.97 MB together
  readonly #addresses: TokenBuckets
  readonly #subnets: TokenBuckets
  readonly #fresh: TokenBuckets
  readonly #packets = new Allowance(strangersAtOnce, strangersPerSecond)
  readonly #work = new Allowance(strangerWorkMs, strangerWorkPerSecond)

  constructor(random: Random) {
    this.#addresses = createTokenBuckets({
      capacity: packetsAtOnce,
      refillPerSecond: packetsPerSecond,
      maxKeys: 8192,
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
    this.#fresh = createTokenBuckets({
      capacity: freshAtOnce,
      refillPerSecond: freshPerSecond,
      bits6: 48,
      maxKeys: 16_384,
      random,
    })
  }

  /** What the buckets take at most. */
  get memoryBytes(): number {
    return this.#addresses.memoryBytes + this.#subnets.memoryBytes + this.#fresh.memoryBytes
  }

  /** Whether the sender has something left; why not, otherwise. That a stranger has called is remembered, heard or not. */
  refusal(ip: string, standing: Standing, nowMs: number): BudgetRefusal | undefined {
    const scale = scaleOf(standing)
    if (!this.#addresses.available(ip, nowMs, scale)) return 'address-budget'
    if (standing === 'stranger') return this.#refuseStranger(ip, nowMs)
    return undefined
  }

  #refuseStranger(ip: string, nowMs: number): BudgetRefusal | undefined {
    const isFresh = this.#fresh.charge(ip, nowMs)
    const left = Math.min(this.#packets.share(nowMs), this.#work.share(nowMs))
    if (left <= (isFresh ? 0 : keptForFresh)) return 'stranger-budget'
    return isFresh || this.#subnets.available(ip, nowMs) ? undefined : 'subnet-budget'
  }

  /** A packet is worth to find out who signed it. */
  charge(ip: string, standing: Standing, nowMs: number): void {
    this.#addresses.charge(ip, nowMs, 1, scaleOf(standing))
    if (standing !== 'stranger') return
    this.#subnets.charge(ip, nowMs)
    this.#packets.spend(1)
  }

  /** What the work on a packet of an unproven endpoint took, be it worth it or not. */
  spend(ms: number): void {
    this.#work.spend(Math.min(ms, mostWorkMs))
  }
}

function scaleOf(standing: Standing): number {
  return standing === 'proven' ? provenScale : 1
}
