import type { NodeAddress } from '@ethwire/enr'
import { type Random, randomInteger } from '@ethwire/io'
import { compareDistance, bucketSize as resultSize } from '@ethwire/kbucket'
import type { SimulatedNode, Simulation } from './simulation.ts'
import { settledNodes } from './tables.ts'

export interface LookupOptions {
  /** Lookups for random targets, from random nodes; 200 by default. */
  readonly count?: number
  /** One begins each time this has passed; 100 ms by default. */
  readonly everyMs?: number
  /** Only nodes of this age look and are looked for; 5 by default. */
  readonly minAgeMinutes?: number
}

/** How lookups went. */
export interface LookupReport {
  readonly count: number
  /** Of all lookups, those whose answer has the node that is nearest to the target of all that ran from start to end. */
  readonly trueClosestShare: number
  /** Of the 16 nearest nodes, those that an answer has, on average. */
  readonly closest16Share: number
  /** Answers that led to the nearest node found, one after the other: on average and at most. */
  readonly meanHops: number
  readonly maxHops: number
  readonly meanQueries: number
  readonly meanMs: number
}

interface Outcome {
  readonly hasClosest: boolean
  /** Of the 16 nearest, those found. */
  readonly share: number
  readonly hops: number
  readonly queries: number
  readonly tookMs: number
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[randomInteger(random, items.length)]
  if (item === undefined) throw new RangeError('there is no node to pick')
  return item
}

/** Compares an answer with the nodes that are really nearest to a target. */
function judge(
  targetId: Uint8Array,
  running: readonly SimulatedNode[],
  answer: readonly NodeAddress[],
): Pick<Outcome, 'hasClosest' | 'share'> {
  const nearest = running
    .map(({ address }) => address)
    .toSorted((a, b) => compareDistance(targetId, a.nodeId, b.nodeId))
    .slice(0, resultSize)
  const found = new Set(answer.map(({ nodeIdHex }) => nodeIdHex))
  const [closest] = nearest
  return {
    hasClosest: closest !== undefined && found.has(closest.nodeIdHex),
    share: nearest.filter(({ nodeIdHex }) => found.has(nodeIdHex)).length / nearest.length,
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Lets random nodes look for random targets while time goes on, and compares what they find with the truth. */
export async function measureLookups(simulation: Simulation, options: LookupOptions = {}): Promise<LookupReport> {
  const { count = 200, everyMs = 100, minAgeMinutes = 5 } = options
  const { clock, crypto, random } = simulation
  const probes: Promise<void>[] = []
  const outcomes: Outcome[] = []

  const probe = async (): Promise<void> => {
    const candidates = settledNodes(simulation, minAgeMinutes)
    const looker = pick(candidates, random)
    const target = random.bytes(64)
    const startedAtMs = clock.monotonicMs()
    let steps = { hops: 0, queries: 0 }
    const answer = await looker.discv4!.lookup(target, {
      onDone: ({ hops, queries }) => {
        steps = { hops, queries }
      },
    })
    // One that died meanwhile has no answer to be judged.
    if (!looker.isRunning) return
    const running = candidates.filter((node) => node !== looker && node.isRunning)
    const tookMs = clock.monotonicMs() - startedAtMs
    outcomes.push({ ...judge(crypto.keccak256(target), running, answer), ...steps, tookMs })
  }

  for (let begun = 0; begun < count; begun++) {
    probes.push(probe())
    await simulation.run({ seconds: everyMs / 1000 })
  }
  await clock.runUntil(Promise.all(probes))
  return {
    count: outcomes.length,
    trueClosestShare: mean(outcomes.map(({ hasClosest }) => (hasClosest ? 1 : 0))),
    closest16Share: mean(outcomes.map(({ share }) => share)),
    meanHops: mean(outcomes.map(({ hops }) => hops)),
    maxHops: Math.max(...outcomes.map(({ hops }) => hops)),
    meanQueries: mean(outcomes.map(({ queries }) => queries)),
    meanMs: mean(outcomes.map(({ tookMs }) => tookMs)),
  }
}
