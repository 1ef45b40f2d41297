import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildPeers } from '@ethwire/interop/build'
import { ethwireCommand } from '@ethwire/interop/ethwire-cli'
import { devp2pPath } from '@ethwire/interop/paths'
import { type RunningProcess, startProcess, temporaryDirectory } from '@ethwire/interop/resources'
import { StopAsking, until } from '@ethwire/interop/until'
import { buildGoPrograms, gethName, v4swarmPath } from './go.ts'
import { type Line, rateLine, rounded } from './line.ts'
import { median } from './measure.ts'

const rounds = 3
/** No round begins later than this after the first. */
const budgetMs = 60_000
const nodes = 4500
const parallel = 200
/** What a crawl has to find of those that live. */
const neededShare = 0.99
/** Both crawlers say so when the last of the input has been handed out or, ours, has been asked. */
const doneText = 'Revalidation of input set is done'

interface Swarm {
  readonly bootnode: string
  readonly alive: ReadonlySet<string>
  /** nodes.json of a crawl a day before. */
  readonly file: string
  readonly process: RunningProcess
}

interface Crawl {
  readonly seconds: number
  /** The share of the living that answered in this crawl. */
  readonly found: number
}

/** Our crawler and geth's revalidate the same nodes, most of which are there. */
export async function* benchCrawl(): AsyncGenerator<Line> {
  buildPeers()
  buildGoPrograms('v4swarm')
  const directory = temporaryDirectory('crawl')
  const swarm = await startSwarm(directory)
  const ours: Crawl[] = []
  const theirs: Crawl[] = []
  try {
    const start = performance.now()
    for (let round = 0; round === 0 || (round < rounds && performance.now() - start < budgetMs); round++) {
      theirs.push(await crawl(swarm, join(directory, `geth-${round}.json`), (args) => startProcess(devp2pPath, args)))
      ours.push(
        await crawl(swarm, join(directory, `ours-${round}.json`), (args) => startProcess(...ethwireCommand(...args))),
      )
    }
  } finally {
    await swarm.process.end('SIGTERM', 10_000)
  }
  const share = Math.round((100 * swarm.alive.size) / nodes)
  const what = `${nodes} nodes of 20–120 ms, ${share} % of them alive, asked again; ${parallel} at a time; from the start of the program`
  const common = { peerName: `${gethName} devp2p` }
  const found = { ours: median(ours.map((one) => one.found)), peer: median(theirs.map((one) => one.found)) }
  const [oursSeconds, theirSeconds] = [ours, theirs].map((all) => median(all.map(({ seconds }) => seconds)))
  yield rateLine({
    ...{ ...common, name: 'crawl', ours: nodes / oursSeconds!, peer: nodes / theirSeconds!, unit: 'nodes/s' },
    note: `${what}; ${rounded(oursSeconds!)} s and ${rounded(theirSeconds!)} s`,
  })
  yield {
    ...{ ...common, name: 'crawl/found', ours: rounded(100 * found.ours), peer: rounded(100 * found.peer) },
    ...{ ratio: rounded(found.ours / found.peer), unit: '% of alive', note: 'those whose record came in that crawl' },
  }
  const least = Math.min(...ours.map((one) => one.found))
  if (least < neededShare) throw new Error(`a crawl of ours found ${rounded(100 * least)} % of those that live`)
}

async function startSwarm(directory: string): Promise<Swarm> {
  const file = join(directory, 'nodes.json')
  const process = startProcess(v4swarmPath, ['-count', String(nodes), '-nodes', file])
  const line = await waitFor(process, /^\{"bootnode":.*\}$/m)
  const { bootnode, alive } = JSON.parse(line) as { bootnode: string; alive: string[] }
  return { bootnode, alive: new Set(alive), file, process }
}

async function crawl(swarm: Swarm, file: string, startWith: (args: string[]) => RunningProcess): Promise<Crawl> {
  copyFileSync(swarm.file, file)
  const startMs = Math.floor(Date.now() / 1000) * 1000
  const start = performance.now()
  const where = ['--addr', '127.0.0.1:0', '--bootnodes', swarm.bootnode]
  const process = startWith(['discv4', 'crawl', '--parallel', String(parallel), '--timeout', '1s', ...where, file])
  await waitFor(process, doneText)
  const seconds = (performance.now() - start) / 1000
  await until('the crawler ends', async () => process.ended(), { timeoutMs: 30_000 })
  if (process.ended() !== 'exit code 0') throw new Error(`the crawler ended with ${process.ended()}\n${process.logs()}`)
  return { seconds, found: foundSince(startMs, file, swarm.alive) }
}

function foundSince(startMs: number, file: string, alive: ReadonlySet<string>): number {
  const set = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { lastResponse: string }>
  let found = 0
  for (const [id, { lastResponse }] of Object.entries(set)) {
    if (Date.parse(lastResponse) < startMs) continue
    if (!alive.has(id)) throw new Error(`node ${id} is dead, and has answered`)
    found += 1
  }
  return found / alive.size
}

/** The first text of its output that fits. */
async function waitFor(process: RunningProcess, wanted: string | RegExp): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    const logs = process.logs()
    const found = typeof wanted === 'string' ? logs.includes(wanted) && wanted : wanted.exec(logs)?.[0]
    if (typeof found === 'string') return found
    if (process.ended() !== undefined) throw new StopAsking(`it ended with ${process.ended()}\n${process.logs()}`)
    return undefined
  }
  return await until(String(wanted), look, { timeoutMs: 120_000, intervalMs: 10 })
}
