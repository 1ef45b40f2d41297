import type { Claim } from './attack.ts'
import type { AttackName } from './attacker.ts'
import { becomesPeer, joins } from './beside.ts'
import { contract } from './contract.ts'
import type { Victim } from './victim.ts'
import type { VictimChain } from './victim-chain.ts'

/** An attack with what it is run against and what it is allowed to cost. */
export interface Group {
  readonly attack: AttackName
  readonly cases: string
  readonly durationMs: number
  readonly maxPeers: number
  readonly openFiles?: number
  /** Run while the one before it runs, against a node of its own: neither is much work. */
  readonly isBeside?: boolean
  /** Where the case states more or less than the contract. */
  readonly memoryMb?: number
  /** What may be kept, where the case says so: memory at the end of the attack, and not at its height. */
  readonly keptMb?: number
  /** What the attack must have done at least: a feeble one shows nothing. */
  readonly atLeast: Readonly<Record<string, number>>
  /** What honest ones try meanwhile, and what they try after it. */
  readonly during?: (victim: Victim, chain: VictimChain) => Promise<Claim[]>
  readonly after?: (victim: Victim, chain: VictimChain) => Promise<Claim[]>
}

/** More than the attacks' peers, of which two thirds may have dialled. */
const manyPeers = 100

export const groups: readonly Group[] = [
  {
    attack: 'connections',
    cases: '16, 20, 21, 22, 36',
    durationMs: 16_000,
    maxPeers: 50,
    atLeast: { dripped: 50, flooded: 1000 },
    during: becomesPeer,
    after: joins,
  },
  { attack: 'pings', cases: '34', durationMs: 8_000, maxPeers: 50, atLeast: { rounds: 20, disconnectedForIt: 20 } },
  {
    attack: 'requests',
    cases: '40',
    durationMs: 10_000,
    maxPeers: 50,
    atLeast: { answers: 500 },
  },
  {
    attack: 'messages',
    cases: '25, 29, 33, 37, 38, 42, 43, 53',
    durationMs: 12_000,
    maxPeers: 50,
    atLeast: { messages: 150 },
  },
  {
    attack: 'announcements',
    cases: '44',
    durationMs: 6_000,
    maxPeers: manyPeers,
    keptMb: 20,
    atLeast: { peers: 50, announcements: 500_000 },
  },
  { attack: 'rpc', cases: '79, 80, 82', durationMs: 8_000, maxPeers: 50, atLeast: { answers: 150 } },
  {
    attack: 'unread',
    cases: '52',
    durationMs: 12_000,
    maxPeers: manyPeers,
    memoryMb: 128,
    atLeast: { peers: 50, requests: 2000 },
  },
  {
    attack: 'stalling',
    cases: '26, 35',
    durationMs: 40_000,
    maxPeers: manyPeers,
    memoryMb: 128,
    atLeast: { stalled: 50, stalledEnded: 50, deaf: 4, deafEnded: 4 },
  },
  {
    attack: 'descriptors',
    cases: '54',
    durationMs: 8_000,
    maxPeers: 50,
    openFiles: 64,
    isBeside: true,
    atLeast: { connections: 300 },
    after: joins,
  },
]

export const memoryLimitMb = (group: Group): number => group.memoryMb ?? contract.memoryMb

/** Those that run at the same time, together. */
export function inRounds(wanted: readonly Group[]): Group[][] {
  const rounds: Group[][] = [] // bounded: by the groups
  for (const group of wanted) {
    const last = rounds.at(-1)
    if (group.isBeside && last !== undefined) last.push(group)
    else rounds.push([group])
  }
  return rounds
}
