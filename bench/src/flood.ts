import { gethTestChain } from '@ethwire/interop/paths'
import { temporaryDirectory } from '@ethwire/interop/resources'
import { bareSocketCpu } from './flood/bare.ts'
import { startHonest } from './flood/honest.ts'
import type { HonestFigures, Seen } from './flood/honest-messages.ts'
import { type Phase, phases, rate } from './flood/phases.ts'
import { type PhaseFigures, runPhase } from './flood/run-phase.ts'
import { buildGoPrograms } from './go.ts'
import { contract, type Judged, judgedLine, keeps } from './hostile/contract.ts'
import { goFirst } from './hostile/priority.ts'
import { startVictim } from './hostile/victim.ts'
import type { Line } from './line.ts'
import { median } from './measure.ts'

/** What the node may use of a core, honest requests and all. */
const cpuLimit = 0.3
/** The flood must not be a feeble one. */
const leastRate = 0.9 * rate
/** Case 8. */
const pingLimitMs = 1_000
/** Of what reached the node, what was dropped before anybody looked for its signer. */
const leastUnreadPercent = 95
/** What packets are dropped for once their signer is known, or known to be nobody. */
const readFirst: ReadonlySet<string> = new Set(['packet-signature', 'self', 'unproven'])
/** A node at rest says that it looks for peers every few seconds; a flood may add little to that. */
const mostLogLines = 20
const bareSeconds = 5

/** A flood that broke a figure is run again so often: on a machine that others use, too, one run says little. */
const mostRuns = 3
/** No run begins later than this after the first. */
const budgetMs = 240_000

/**
 * Floods of UDP against a real node, which honest nodes speak with meanwhile: one line for each figure of the pass
 * contract. `part` is the name of one flood.
 * @throws Error when a figure broke it
 */
export async function* benchFlood(part?: string): AsyncGenerator<Line> {
  const wanted = phases.filter(({ name }) => part === undefined || name === part)
  if (wanted.length === 0) throw new Error(`there is no flood ${part}: there are ${phases.map(({ name }) => name)}`)
  if (process.platform !== 'linux') throw new Error("the flood bench reads Linux' /proc")
  buildGoPrograms('udpflood')
  using _ = goFirst()
  const { genesis, networkId } = gethTestChain()
  const chain = { genesis, networkId, head: 0, largestReceipts: 0, datadir: temporaryDirectory('empty') }
  const bareCpu = await bareSocketCpu({ ...phases[0]!.flood, seconds: bareSeconds })
  await using victim = await startVictim(chain, { maxPeers: 50, discovers: true })
  await using honest = await startHonest(victim.node, chain)
  const start = performance.now()
  const broken: string[] = [] // bounded: by the figures
  for (const phase of wanted) {
    const runs: PhaseFigures[] = [] // bounded: mostRuns
    let figures: Judged[]
    do {
      runs.push(await runPhase(phase, victim, honest))
      figures = judge(phase, runs, bareCpu)
    } while (!figures.every(keeps) && runs.length < mostRuns && performance.now() - start < budgetMs)
    for (const figure of figures) {
      if (!keeps(figure)) broken.push(figure.name)
      yield judgedLine(figure)
    }
  }
  await victim.node.stop()
  if (broken.length > 0) throw new Error(`the pass contract is broken: ${broken.join(', ')}`)
}

/** What a machine spoils that others use, too, is the median of the runs; what stays behind is the worst of them. */
function judge({ name, cases, what, flood }: Phase, runs: readonly PhaseFigures[], bareCpu: number): Judged[] {
  const most = (of: (run: PhaseFigures) => number): number => Math.max(...runs.map(of))
  const least = (of: (run: PhaseFigures) => number): number => Math.min(...runs.map(of))
  const middle = (of: (run: PhaseFigures) => number): number => median(runs.map(of))
  const last = runs.at(-1)!
  const again = runs.length > 1 ? `; median of ${runs.length} runs` : ''
  const waited = `the node waited ${ms(middle(({ during }) => during.waitedForCpuMs))} for a processor`
  const { before, during, counts, flooded, back } = last
  const drops = [...counts.drops].map(([reason, count]) => `${count.toLocaleString('en-US')} ${reason}`).join(', ')
  const success = (of: keyof HonestFigures, who: string): Judged => ({
    ...{
      name: `success/${of}`,
      ours: middle((run) => successPercent(run, of)),
      limit: contract.successPercent,
      unit: '%',
    },
    ...{ atLeast: true, note: `cases ${cases}; ${who}; ${seenText(last.honest, of)}` },
  })
  const figures: Judged[] = [
    {
      ...{ name: 'rate', ours: middle((run) => run.flooded.rate), limit: leastRate, unit: 'packets/s', atLeast: true },
      note: `${what}; ${flooded.sent.toLocaleString('en-US')} in ${flood.seconds} s, of which the system lost ${counts.lost.toLocaleString('en-US')}`,
    },
    success('known', 'a node with a proven endpoint: ping, findnode, record'),
    success('newcomers', 'nodes nobody has heard of: proof and record, within three tries'),
    success('peer', 'headers over RLPx'),
    {
      ...{ name: 'delay-p99', ours: middle((run) => run.during.delayP99Ms), limit: contract.delayP99Ms, unit: 'ms' },
      note: `event loop; idle ${ms(before.delayP99Ms)}; ${waited}${again}`,
    },
    {
      ...{ name: 'delay-max', ours: middle((run) => run.during.delayMaxMs), limit: contract.delayMaxMs, unit: 'ms' },
      note: `event loop; idle ${ms(before.delayMaxMs)}; ${waited}${again}`,
    },
    {
      ...{ name: 'cpu', ours: middle((run) => run.cpu), limit: cpuLimit, unit: 'cores' },
      note: `idle ${last.idleCpu.toFixed(2)}; a socket that does nothing with as many packets: ${bareCpu.toFixed(2)}${again}`,
    },
    {
      ...{ name: 'unread', ours: least(unreadPercent), limit: leastUnreadPercent, unit: '%', atLeast: true },
      note: `dropped before their signer was looked for; ${drops}`,
    },
    {
      ...{ name: 'memory', ours: most(grownMb), limit: contract.memoryMb, unit: 'MB' },
      note: `growth of resident memory, from ${mb(before.peakBytes)} to ${mb(during.peakBytes)}`,
    },
    {
      ...{ name: 'memory-back', ours: most((run) => run.back.memorySeconds), limit: contract.backSeconds, unit: 's' },
      note: `until memory was within 10 % of before; then ${mb(back.after.residentBytes)}`,
    },
    {
      ...{ name: 'descriptors-back', ours: most((run) => run.back.descriptorsSeconds), limit: contract.backSeconds },
      ...{ unit: 's', note: `before ${before.descriptors}, during ${during.descriptors}` },
    },
    {
      ...{ name: 'timers-back', ours: most((run) => run.back.timersSeconds), limit: contract.backSeconds },
      ...{ unit: 's', note: `before ${before.timers}, during ${during.timers}` },
    },
    {
      ...{ name: 'log-lines', ours: most((run) => run.logLines), limit: mostLogLines, unit: 'count' },
      note: 'while it lasted and until everything was back',
    },
    {
      ...{ name: 'faults', ours: most((run) => run.back.after.faults + run.unescaped), limit: 0, unit: 'count' },
      note: 'exceptions and rejections that nobody caught, log lines that are not escaped',
    },
  ]
  if (last.pingMs !== undefined) {
    figures.push({
      ...{ name: 'ping-after', ours: most((run) => run.pingMs ?? 0), limit: pingLimitMs, unit: 'ms' },
      note: 'case 8: the next ping, from the address of the flood',
    })
  }
  return figures.map((figure) => ({ ...figure, name: `flood/${name}/${figure.name}` }))
}

/** The worst of before, during and after. */
function successPercent({ honest }: PhaseFigures, of: keyof HonestFigures): number {
  return Math.min(...[honest.before, honest.during, honest.after].map((seen) => sharePercent(seen[of])))
}

function sharePercent({ tried, failed }: Seen): number {
  return tried === 0 ? 0 : (100 * (tried - failed)) / tried
}

function seenText({ before, during, after }: PhaseFigures['honest'], of: keyof HonestFigures): string {
  const { tried, p99Ms, maxMs, firstFailure } = during[of]
  const failed = firstFailure === null ? '' : `; first failure: ${firstFailure}`
  const around = `${sharePercent(before[of]).toFixed(1)} % before, ${sharePercent(after[of]).toFixed(1)} % after`
  return `${tried} during the flood, p99 ${ms(p99Ms)}, at most ${ms(maxMs)}; ${around}${failed}`
}

function unreadPercent({ counts: { drops, recovered } }: PhaseFigures): number {
  const unread = [...drops].reduce((sum, [reason, count]) => (readFirst.has(reason) ? sum : sum + count), 0)
  return (100 * unread) / (unread + recovered)
}

const grownMb = ({ during, before }: PhaseFigures): number => Math.max(0, during.peakBytes - before.peakBytes) / 1e6
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
