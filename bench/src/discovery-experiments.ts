// What is simulated of discovery, and how it is measured.
import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import type { TablePolicyName } from '@ethwire/kbucket'
import { createNodeDatabase } from '@ethwire/nodedb'
import {
  type Attack,
  type AttackerPlace,
  collectCandidates,
  createAttack,
  createSimulation,
  markedShare,
  measureLookups,
  reportTables,
  type SimulatedNode,
  type Simulation,
  settledNodes,
  standInCrypto,
} from '@ethwire/simulation'

/** A network that grows, is left to itself, and is measured. */
export interface NetworkJob {
  readonly kind: 'network'
  readonly nodes: number
  readonly seed: number
  readonly policy: TablePolicyName
  readonly crypto: 'real' | 'stand-in'
}

/** A settled network, an attacker that knocks at some of its nodes, and their restart. */
export interface AttackJob {
  readonly kind: 'attack'
  readonly nodes: number
  readonly ids: number
  readonly seed: number
  readonly policy: TablePolicyName
  readonly place: AttackerPlace
}

export type DiscoveryJob = NetworkJob | AttackJob

export interface NetworkResult extends NetworkJob {
  /** The crypto backend's name. */
  readonly backend: string
  readonly lookups: number
  readonly trueClosestShare: number
  readonly closest16Share: number
  readonly meanHops: number
  readonly maxHops: number
  readonly meanQueries: number
  readonly meanLookupMs: number
  readonly tableSize: number
  readonly liveShare: number
  /** Sent by a node in a minute, over the half hour before the measurement. */
  readonly packetsPerMinute: number
  readonly bytesPerMinute: number
  readonly packets: number
  readonly virtualMinutes: number
  readonly wallSeconds: number
  readonly packetsPerSecond: number
  /** Heap and buffers after garbage collection, all that nodes share included, by the number of nodes. */
  readonly bytesPerNode: number
}

/** What an attacker has got hold of. */
interface AttackShares {
  /** Of the nodes in its victims' tables. */
  readonly tables: number
  /** Of the first 50 different nodes that each victim's walk names: the candidates to dial. */
  readonly outbound: number
}

export interface AttackResult extends AttackJob {
  readonly victims: number
  /** After half an hour of knocking. */
  readonly attacked: AttackShares
  /** Then the victims are restarted, their walks begin at once, and their tables are looked at when those are over. */
  readonly restarted: AttackShares
  readonly wallSeconds: number
}

export type DiscoveryResult = NetworkResult | AttackResult

/** All that one run of the bench found. */
export interface DiscoveryReport {
  readonly wallSeconds: number
  readonly results: readonly DiscoveryResult[]
}

const joinMinutes = 30
const warmUpMinutes = 30
const faults = { latencyMs: [20, 120], lossPercent: 5 } as const
const medianLifeMinutes = 60
const minAgeMinutes = 5
const victimCount = 20

type Progress = (text: string) => void

async function runMinutes(simulation: Simulation, minutes: number, progress: Progress): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await simulation.run({ minutes: 1 })
    progress(`minute ${Math.round(simulation.clock.monotonicMs() / 60_000)}, ${simulation.nodes().length} nodes`)
  }
}

/** Bytes in use after garbage collection, which `node --expose-gc` allows to ask for. */
function usedBytes(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Grows a network over half an hour, leaves it alone for another, and measures. */
export async function runNetwork(job: NetworkJob, progress: Progress): Promise<NetworkResult> {
  const crypto: Crypto = job.crypto === 'real' ? (nativeCrypto ?? pureCrypto) : standInCrypto
  const usedBefore = usedBytes()
  const start = performance.now()
  const { nodes, seed, policy } = job
  const simulation = createSimulation({ ...faults, seed, nodes, joinMinutes, medianLifeMinutes, policy, crypto })
  await runMinutes(simulation, joinMinutes, progress)
  const joined = { ...simulation.network.counters }
  await runMinutes(simulation, warmUpMinutes, progress)
  const warm = simulation.network.counters
  const sent = { packets: warm.sentPackets - joined.sentPackets, bytes: warm.sentBytes - joined.sentBytes }
  const bytesPerNode = (usedBytes() - usedBefore) / nodes
  const tables = reportTables(simulation, settledNodes(simulation, minAgeMinutes))
  const lookups = await measureLookups(simulation, { count: 500, everyMs: 100, minAgeMinutes })
  const wallSeconds = (performance.now() - start) / 1000
  const packets = simulation.network.counters.sentPackets
  const virtualMinutes = simulation.clock.monotonicMs() / 60_000
  await simulation.close()
  return {
    ...job,
    backend: crypto.name,
    lookups: lookups.count,
    trueClosestShare: lookups.trueClosestShare,
    closest16Share: lookups.closest16Share,
    meanHops: lookups.meanHops,
    maxHops: lookups.maxHops,
    meanQueries: lookups.meanQueries,
    meanLookupMs: lookups.meanMs,
    tableSize: tables.meanSize,
    liveShare: tables.liveShare,
    packetsPerMinute: sent.packets / nodes / warmUpMinutes,
    bytesPerMinute: sent.bytes / nodes / warmUpMinutes,
    packets,
    virtualMinutes,
    wallSeconds,
    packetsPerSecond: packets / wallSeconds,
    bytesPerNode,
  }
}

/** What the attacker has of its victims' tables, and of the first nodes that their walks name. */
async function sharesOf(
  simulation: Simulation,
  victims: readonly SimulatedNode[],
  attack: Attack,
): Promise<AttackShares> {
  const candidates = (await collectCandidates(simulation, victims)).flat()
  const { markedShare: tables } = reportTables(simulation, victims, attack.isAttacker)
  return { tables, outbound: markedShare(candidates, attack.isAttacker) }
}

/** Lets an attacker at the nodes of a settled network. */
export async function runAttack(job: AttackJob, progress: Progress): Promise<AttackResult> {
  const start = performance.now()
  const { nodes, ids, seed, policy, place } = job
  const simulation = createSimulation({
    ...faults,
    ...{ seed, nodes, policy, medianLifeMinutes },
    joinMinutes: 5,
    bootnodes: victimCount,
    nodeDatabase: (index, parts) => (index < victimCount ? createNodeDatabase(undefined, parts) : undefined),
  })
  await runMinutes(simulation, warmUpMinutes, progress)
  // The first nodes, since they never die: they can be followed.
  const victims = simulation.nodes().slice(0, victimCount)
  const [first] = victims
  const attack = await createAttack(simulation, {
    ...{ ids, place, seed },
    ...(first === undefined ? {} : { groundFor: first }),
    victims: () => victims,
  })
  await runMinutes(simulation, warmUpMinutes, progress)
  const attacked = await sharesOf(simulation, victims, attack)
  for (const victim of victims) simulation.stop(victim)
  for (const victim of victims) await simulation.restart(victim)
  const restarted = await sharesOf(simulation, victims, attack)
  await attack.close()
  await simulation.close()
  return { ...job, victims: victims.length, attacked, restarted, wallSeconds: (performance.now() - start) / 1000 }
}
