import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { AttackResult, DiscoveryJob, DiscoveryResult, NetworkResult } from './discovery-experiments.ts'
import { type Line, rounded } from './line.ts'

/** Processes at a time. */
const workers = 2
const reportsDir = join(import.meta.dirname, '..', '..', 'reports')
const policies = ['geth-2026', 'geth-2018'] as const
const places = ['one-ip', 'one-subnet', '64-subnets'] as const

/**
 * The longest first, so that no process waits for another at the end.
 *
 * @param part only networks of that size, or only `attack`
 */
function planJobs(part: string | undefined): DiscoveryJob[] {
  const network = (nodes: number, seeds: readonly number[]): DiscoveryJob[] =>
    seeds.flatMap((seed) =>
      policies.map((policy) => {
        const crypto = nodes <= 100 ? 'real' : 'stand-in'
        return { kind: 'network', nodes, seed, policy, crypto } as const
      }),
    )
  const attacks = places.flatMap((place) =>
    policies.map((policy) => ({ kind: 'attack', nodes: 1000, ids: 10_000, seed: 1, policy, place }) as const),
  )
  const all = [...network(10_000, [1]), ...attacks, ...network(1000, [1, 2, 3]), ...network(100, [1, 2, 3])]
  if (part === undefined) return all
  const wanted = all.filter((job) => part === (job.kind === 'attack' ? 'attack' : String(job.nodes)))
  if (wanted.length === 0) throw new RangeError(`there is no discovery/${part}`)
  return wanted
}

/** Runs one experiment in a process of its own. */
async function runJob(job: DiscoveryJob): Promise<DiscoveryResult> {
  // Much room for new objects: each collection would go through what a whole network has under way.
  const flags = [...process.execArgv, '--expose-gc', '--max-old-space-size=6144', '--max-semi-space-size=256']
  const child = spawn(
    process.execPath,
    [...flags, join(import.meta.dirname, 'discovery-worker.ts'), JSON.stringify(job)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  let result: DiscoveryResult | undefined
  for await (const line of createInterface({ input: child.stdout })) result = JSON.parse(line) as DiscoveryResult
  const code = await exit
  if (code !== 0 || result === undefined) throw new Error(`the simulation ${JSON.stringify(job)} ended with ${code}`)
  return result
}

/** Runs all, so many at a time, and gives the results in the order of the jobs. */
async function runJobs(jobs: readonly DiscoveryJob[]): Promise<DiscoveryResult[]> {
  const results: DiscoveryResult[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++
      results[index] = await runJob(jobs[index] as DiscoveryJob)
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return results
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

type Figure = readonly [
  name: string,
  unit: string,
  of: (result: NetworkResult) => number,
  isBetterLarge: boolean | undefined,
]

const percent = (share: number): number => share * 100

const figures: readonly Figure[] = [
  ['true-closest', '%', ({ trueClosestShare }) => percent(trueClosestShare), true],
  ['closest-16', '%', ({ closest16Share }) => percent(closest16Share), true],
  ['hops', 'a lookup', ({ meanHops }) => meanHops, false],
  ['queries', 'a lookup', ({ meanQueries }) => meanQueries, false],
  ['live-share', '% of tables', ({ liveShare }) => percent(liveShare), true],
  ['packets', 'a node, minute', ({ packetsPerMinute }) => packetsPerMinute, false],
  ['bytes', 'a node, minute', ({ bytesPerMinute }) => bytesPerMinute, false],
  ['memory', 'KB a node', ({ bytesPerNode }) => bytesPerNode / 1000, false],
  ['wall', 's', ({ wallSeconds }) => wallSeconds, undefined],
]

function comparison(ours: number, peer: number, isBetterLarge: boolean | undefined): Partial<Line> {
  if (isBetterLarge === undefined) return { peer: rounded(peer), peerName: 'policy geth-2018' }
  return {
    peer: rounded(peer),
    peerName: 'policy geth-2018',
    ratio: rounded(isBetterLarge ? ours / peer : peer / ours),
  }
}

/** The figures of one size: the default policy's beside the other's. */
function* networkLines(results: readonly NetworkResult[]): Generator<Line> {
  for (const nodes of new Set(results.map((result) => result.nodes))) {
    const of = (policy: string): NetworkResult[] =>
      results.filter((result) => result.nodes === nodes && result.policy === policy)
    const [ours, theirs] = [of('geth-2026'), of('geth-2018')]
    const [first] = ours
    if (first === undefined || theirs.length === 0) continue
    const seeds = ours.length === 1 ? 'one seed' : `mean of ${ours.length} seeds`
    const crypto = first.crypto === 'real' ? `crypto: ${first.backend}` : 'no real crypto: a stand-in of the same sizes'
    for (const [name, unit, figure, isBetterLarge] of figures) {
      const [value, peer] = [mean(ours.map(figure)), mean(theirs.map(figure))]
      yield {
        ...{ name: `discovery/${nodes}/${name}`, ours: rounded(value), unit, note: `${seeds}; ${crypto}` },
        ...comparison(value, peer, isBetterLarge),
      }
    }
  }
}

/** How much more a node needs in the largest network than in the smallest. */
function* growthLines(results: readonly NetworkResult[]): Generator<Line> {
  const ours = results.filter(({ policy }) => policy === 'geth-2026')
  const sizes = ours.map(({ nodes }) => nodes)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const at = (nodes: number, figure: Figure[2]): number => mean(ours.filter((r) => r.nodes === nodes).map(figure))
  for (const [name, , figure] of figures) {
    if (!['hops', 'packets', 'bytes', 'memory'].includes(name)) continue
    yield {
      name: `discovery/growth/${name}`,
      ours: rounded(at(most, figure) / at(least, figure)),
      unit: 'times',
      note: `at ${most} nodes, of what it is at ${least}`,
    }
  }
}

/** An attacker's shares, the default policy's beside the other's. */
function* attackLines(results: readonly AttackResult[]): Generator<Line> {
  const shares = [
    ['tables', (result: AttackResult) => result.attacked.tables],
    ['outbound', (result: AttackResult) => result.attacked.outbound],
    ['restart/tables', (result: AttackResult) => result.restarted.tables],
    ['restart/outbound', (result: AttackResult) => result.restarted.outbound],
  ] as const
  for (const ours of results.filter(({ policy }) => policy === 'geth-2026')) {
    const theirs = results.find((result) => result.place === ours.place && result.policy === 'geth-2018')
    if (theirs === undefined) continue
    for (const [name, share] of shares) {
      const [value, peer] = [percent(share(ours)), percent(share(theirs))]
      yield {
        name: `attack/${ours.place}/${name}`,
        ours: rounded(value),
        unit: "% attacker's",
        note: `${ours.ids} IDs against ${ours.victims} nodes in a network of ${ours.nodes}`,
        ...comparison(value, peer, undefined),
      }
    }
  }
}

/**
 * Whole networks in virtual time, and attackers in them: half an hour on two cores, more where others use them. With a
 * part, `1000` or `attack`, the report holds that alone.
 */
export async function* benchDiscovery(part?: string): AsyncGenerator<Line> {
  const start = performance.now()
  const results = await runJobs(planJobs(part))
  const wallSeconds = (performance.now() - start) / 1000
  mkdirSync(reportsDir, { recursive: true })
  writeFileSync(join(reportsDir, 'discovery.json'), `${JSON.stringify({ wallSeconds, results }, undefined, 2)}\n`)
  const networks = results.filter((result) => result.kind === 'network')
  const attacks = results.filter((result) => result.kind === 'attack')
  yield* networkLines(networks)
  if (part === undefined) yield* growthLines(networks)
  yield* attackLines(attacks)
  yield { name: 'discovery/all', ours: rounded(wallSeconds / 60), unit: 'min', note: `wall time, ${workers} processes` }
}
