import type { Target } from './raw-peer.ts'

/** What an attacker knows of the node. */
export interface AttackTarget extends Target {
  readonly rpcUrl: string
  readonly head: number
  /** Hashes of all blocks, in hex. */
  readonly hashes: readonly string[]
  /** The block whose receipts are larger than any one message. */
  readonly largestReceipts: number
}

/** A bound that a case names beyond those of the contract, and what came out. */
export interface Claim {
  readonly name: string
  readonly ours: number
  readonly limit: number
  readonly unit: string
  /** Whether the limit is the least that is allowed; else it is the most. */
  readonly atLeast?: boolean
  readonly note: string
}

/** What an attack did, so that nobody takes a feeble one for a defence, and what it saw. */
export interface AttackReport {
  readonly did: Readonly<Record<string, number>>
  readonly claims: readonly Claim[]
}

/** Attacks a node until the signal aborts, from a process of its own. */
export type Attack = (target: AttackTarget, signal: AbortSignal) => Promise<AttackReport>
