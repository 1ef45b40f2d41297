/**
 * What a node can have done wrong.
 * - `full`: it had no room when it was dialled
 * - `dropped`: it ended a connection without a reason that stands to reason
 * - `timeout`: it did not answer in time
 * - `dial-failure`: it was not there
 * - `bad-message`: a message that cannot be right
 * - `breach`: what nobody does who keeps to the protocol
 */
export type Offence = 'full' | 'dropped' | 'timeout' | 'dial-failure' | 'bad-message' | 'breach'

/** What an offence costs. */
export interface OffenceWeight {
  /** Taken from the node's score. */
  readonly node: number
  /** Taken from the score of its address: who changes keys as it misbehaves keeps that. */
  readonly address: number
  /** How long the node is left alone; above a minute, as many times longer as it happens in a row. */
  readonly backoffMs: number
}

const UNIT = 1024
const minutes = (count: number): number => count * 60_000

/** Those of reth (`ReputationChangeWeights`, `PeerBackoffDurations`); the addresses' are ours. */
export const offenceWeights: Readonly<Record<Offence, OffenceWeight>> = {
  full: { node: 0, address: 0, backoffMs: minutes(0.5) },
  dropped: { node: 4 * UNIT, address: 0, backoffMs: minutes(3) },
  timeout: { node: 4 * UNIT, address: 1 * UNIT, backoffMs: minutes(3) },
  'dial-failure': { node: 25 * UNIT, address: 0, backoffMs: minutes(15) },
  'bad-message': { node: 16 * UNIT, address: 4 * UNIT, backoffMs: minutes(15) },
  breach: { node: Number.POSITIVE_INFINITY, address: 16 * UNIT, backoffMs: minutes(15) },
}

/** All of them. */
export const offences = Object.keys(offenceWeights) as readonly Offence[]
