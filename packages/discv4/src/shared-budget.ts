import { createTokenBuckets, type TokenBuckets, type TokenBucketsOptions } from '@ethwire/netutil'
import { Allowance } from './allowance.ts'

/** What is left at most when only the modest are still heard. */
const keptForModest = 0.5

/** More for one packet is not its work: something else had the processor meanwhile. */
const mostWorkMs = 10

export interface SharedBudgetOptions {
  /** Milliseconds of work at once, and in each second. */
  readonly workMs: number
  readonly workPerSecond: number
  /** Packets at once, and in each second, where they are bounded, too. */
  readonly packets?: number
  readonly packetsPerSecond?: number
  /** What a sender may send to be modest, while little is left. */
  readonly modest: TokenBucketsOptions
}

/** Whether a sender may be heard: there is enough for all, or little and it has sent little, or neither. */
export type Judgement = 'plenty' | 'modest' | 'refused'

/**
 * What many senders have together. Half of it is kept for the modest: so that who sends little is heard, however many send
 * much. Who is modest is counted while there is little alone.
 */
export class SharedBudget {
  readonly #work: Allowance
  readonly #packets: Allowance | undefined
  readonly #modestOptions: TokenBucketsOptions
  // bounded: modest.maxKeys. Most nodes never see a flood, and need none.
  #modest: TokenBuckets | undefined

  constructor(options: SharedBudgetOptions) {
    const { workMs, workPerSecond, packets, packetsPerSecond, modest } = options
    this.#work = new Allowance(workMs, workPerSecond)
    this.#packets = packets === undefined ? undefined : new Allowance(packets, packetsPerSecond ?? packets)
    this.#modestOptions = modest
  }

  get memoryBytes(): number {
    return this.#modest?.memoryBytes ?? 0
  }

  judge(ip: string, nowMs: number): Judgement {
    const left = Math.min(this.#work.share(nowMs), this.#packets?.share(nowMs) ?? 1)
    if (left > keptForModest) return 'plenty'
    return this.isModest(ip, nowMs) && left > 0 ? 'modest' : 'refused'
  }

  /** Whether a sender has sent little, this packet included. */
  isModest(ip: string, nowMs: number): boolean {
    this.#modest ??= createTokenBuckets(this.#modestOptions)
    return this.#modest.charge(ip, nowMs)
  }

  /** A packet is worth the work. */
  charge(): void {
    this.#packets?.spend(1)
  }

  /** What the work on a packet took, be it worth it or not. */
  spend(ms: number): void {
    this.#work.spend(Math.min(ms, mostWorkMs))
  }
}
