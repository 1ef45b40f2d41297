import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { buildPeers } from '@ethwire/interop/build'
import { type Ethwire, startEthwire } from '@ethwire/interop/ethwire-process'
import { startGeth } from '@ethwire/interop/geth'
import { startProcess } from '@ethwire/interop/resources'
import { buildGoPrograms, gethName, pullbenchPath } from './go.ts'
import { type Line, rateLine, rounded } from './line.ts'
import { median } from './measure.ts'
import { copyDirectory, type PullChain, preparePullChain } from './pull-chain.ts'
import { syncMs } from './sync-time.ts'

const rounds = 3
/** No round begins later than this after the first. */
const budgetMs = 40_000
const unit = 'blocks/s'
const beside = `${gethName} p2p stack`
const run = promisify(execFile)

/** What one pull took. */
interface Pull {
  readonly perSecond: number
  /** The most resident memory of who pulled; NaN where the system does not tell. */
  readonly peakBytes: number
}

/** Our node pulls a chain from geth, and so does a client on geth's own stack. */
export async function* benchPull(): AsyncGenerator<Line> {
  const chain = await prepare()
  await using geth = await startGethWith(chain)
  const ours: Pull[] = []
  const bounded: Pull[] = []
  const theirs: Pull[] = []
  const start = performance.now()
  // The first time geth reads from its disk.
  await pullByGeth(chain, geth.enode)
  while (goesOn(ours.length, start)) {
    theirs.push(await pullByGeth(chain, geth.enode))
    ours.push(await pullByNewNode(chain, geth.enode))
    bounded.push(await pullByNewNode(chain, geth.enode, ['--max-semi-space-size=8']))
  }
  const common = { unit, peerName: beside }
  const what = `${chain.blocks} blocks, ${chain.transactions} transactions, with receipts, from geth; every root verified`
  const note = `${what}; ours stores them and runs in one thread, the peer keeps nothing and uses all cores`
  yield rateLine({ ...common, name: 'pull', ours: medianRate(ours), peer: medianRate(theirs), note })
  const memoryNote = 'the most resident memory while pulling; median of the pulls'
  yield* memoryLine('pull/memory', ours, theirs, memoryNote)
  const boundedNote = `${memoryNote}, with --max-semi-space-size=8 given to node`
  yield* memoryLine('pull/memory/bounded', bounded, theirs, boundedNote)
}

function* memoryLine(name: string, ours: readonly Pull[], theirs: readonly Pull[], note: string): Generator<Line> {
  const [memory, peer] = [median(ours.map(megabytes)), median(theirs.map(megabytes))]
  if (Number.isNaN(memory)) return
  const ratio = rounded(peer / memory)
  yield { name, ours: rounded(memory), peer: rounded(peer), peerName: beside, ratio, unit: 'MB', note }
}

/** Pulls with a new, empty node of ours; the flags are for Node.js. */
async function pullByNewNode(chain: PullChain, enode: string, nodeFlags: readonly string[] = []): Promise<Pull> {
  await using node = await startEthwire({
    ...networkOf(chain),
    receipts: true,
    start: (command, args) => startProcess(command, [...nodeFlags, ...args]),
  })
  const pull = await pullByOurs(node, enode, chain)
  await node.stop()
  return pull
}

/** A client on geth's stack pulls the chain from our node, and from geth. */
export async function* benchServe(): AsyncGenerator<Line> {
  const chain = await prepare()
  await using geth = await startGethWith(chain)
  await using node = await startEthwire({ ...networkOf(chain), receipts: true })
  await pullByOurs(node, geth.enode, chain)
  // Without its peer, and with empty caches.
  await node.restart({ staticnodes: [] })
  const ours: Pull[] = []
  const theirs: Pull[] = []
  const start = performance.now()
  for (const { enode } of [geth, node]) await pullByGeth(chain, enode)
  while (goesOn(ours.length, start)) {
    theirs.push(await pullByGeth(chain, geth.enode))
    ours.push(await pullByGeth(chain, node.enode))
  }
  const what = `${chain.blocks} blocks, ${chain.transactions} transactions, with receipts, to a client on geth's p2p stack`
  const note = `${what}; ours serves in one thread, geth on all cores`
  yield rateLine({ name: 'serve', unit, ours: medianRate(ours), peer: medianRate(theirs), peerName: gethName, note })
  const memory = peakBytes(node.pid()) / 1e6
  if (Number.isNaN(memory)) return
  yield { name: 'serve/memory', ours: rounded(memory), unit: 'MB', note: 'the most resident memory while serving' }
}

/** Whether there is another round: always a first. */
function goesOn(done: number, startMs: number): boolean {
  return done === 0 || (done < rounds && performance.now() - startMs < budgetMs)
}

async function prepare(): Promise<PullChain> {
  buildPeers()
  buildGoPrograms('pullbench')
  return await preparePullChain()
}

const networkOf = ({ genesis, networkId }: PullChain): { genesis: string; networkId: number } => ({
  genesis,
  networkId,
})

function startGethWith(chain: PullChain): ReturnType<typeof startGeth> {
  return startGeth({ ...networkOf(chain), datadir: copyDirectory(chain.gethDatadir, 'geth') })
}

async function pullByGeth(chain: PullChain, enode: string): Promise<Pull> {
  const { genesis, networkId, headHash, blocks } = chain
  const where = ['--genesis', genesis, '--networkid', String(networkId), '--enode', enode]
  const { stdout } = await run(pullbenchPath, [...where, '--head', headHash, '--number', String(blocks)])
  const summary = JSON.parse(stdout) as { ms: number; transactions: number; receipts: number; peakBytes: number }
  if (summary.transactions !== chain.transactions || summary.receipts !== chain.transactions) {
    throw new Error(`pullbench got another chain: ${stdout}`)
  }
  return { perSecond: (blocks * 1000) / summary.ms, peakBytes: summary.peakBytes || Number.NaN }
}

/** From its first request for headers until all is stored. */
async function pullByOurs(node: Ethwire, enode: string, { blocks }: PullChain): Promise<Pull> {
  await node.rpc('admin_addPeer', enode)
  return { perSecond: (blocks * 1000) / (await syncMs(node, blocks)), peakBytes: peakBytes(node.pid()) }
}

/** Linux keeps the most resident memory that a process had. */
function peakBytes(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN
  const match = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return match?.[1] === undefined ? Number.NaN : Number(match[1]) * 1024
}

const medianRate = (pulls: readonly Pull[]): number => median(pulls.map((pull) => pull.perSecond))
const megabytes = (pull: Pull): number => pull.peakBytes / 1e6
