import { contract, type Judged, judgedLine, keeps } from './hostile/contract.ts'
import { decodingFigures } from './hostile/decoding.ts'
import { type Group, groups, inRounds, memoryLimitMb } from './hostile/groups.ts'
import { goFirst } from './hostile/priority.ts'
import { type GroupFigures, runGroup, runMs } from './hostile/run-group.ts'
import { prepareVictimChain } from './hostile/victim-chain.ts'
import type { Line } from './line.ts'
import { median } from './measure.ts'

/** A group whose loop was late is run again so often: on a machine that others use, too, one run says little. */
const mostRuns = 3
/** But only as long as the rest is done within this time. */
const budgetMs = 280_000

/**
 * The hostile cases that need load, against a real node, while an honest peer and an honest user of JSON-RPC go on asking;
 * one line for each figure of the pass contract. `part` is the name of one attack.
 * @throws Error when a figure broke it
 */
export async function* benchHostile(part?: string): AsyncGenerator<Line> {
  const wanted = groups.filter(({ attack }) => part === undefined || attack === part)
  if (wanted.length === 0)
    throw new Error(`there is no attack ${part}: there are ${groups.map(({ attack }) => attack)}`)
  const broken: string[] = [] // bounded: by the figures
  const judged = (figures: readonly Judged[]): Line[] => {
    broken.push(...figures.filter((figure) => !keeps(figure)).map(({ name }) => name))
    return figures.map(judgedLine)
  }
  if (part === undefined) yield* judged(await decodingFigures())
  if (process.platform !== 'linux') throw new Error("the hostile bench reads Linux' /proc")
  const chain = await prepareVictimChain()
  using _first = goFirst()
  const start = performance.now()
  const rounds = inRounds(wanted)
  const roundMs = (round: readonly Group[]): number => Math.max(...round.map(runMs))
  for (const [index, round] of rounds.entries()) {
    const restMs = rounds.slice(index + 1).reduce((sum, later) => sum + roundMs(later), 0)
    const runAll = async (group: Group): Promise<GroupFigures[]> => {
      const runs: GroupFigures[] = [] // bounded: mostRuns
      const hasTime = (): boolean => performance.now() - start + runMs(group) + restMs < budgetMs
      do runs.push(await runGroup(group, chain))
      while (isLate(runs) && runs.length < mostRuns && hasTime())
      return runs
    }
    const all = await Promise.all(round.map(runAll))
    yield* judged(all.flatMap((runs, at) => judge(round[at]!, runs)))
  }
  if (broken.length > 0) throw new Error(`the pass contract is broken: ${broken.join(', ')}`)
}

/** Delays are the median of the runs, everything else is the worst of them. */
function judge(group: Group, runs: readonly GroupFigures[]): Judged[] {
  const { attack, cases } = group
  const most = (of: (run: GroupFigures) => number): number => Math.max(...runs.map(of))
  const middle = (of: (run: GroupFigures) => number): number => median(runs.map(of))
  const last = runs.at(-1)!
  const did = Object.entries(last.report.did).map(
    ([what, count]) => `${Math.round(count).toLocaleString('en-US')} ${words(what)}`,
  )
  const idle = `idle ${ms(middle(({ before }) => before.delayP99Ms))} p99, ${ms(middle(({ before }) => before.delayMaxMs))} at most`
  const cpu = `the node waited ${ms(middle(({ during }) => during.waitedForCpuMs))} for a processor and used ${ms(middle(({ during, before }) => during.cpuMs - before.cpuMs))}`
  const again = runs.length > 1 ? `; median of ${runs.length} runs` : ''
  const failed = last.control.firstFailure === undefined ? '' : `; first failure: ${last.control.firstFailure}`
  const figures: Judged[] = [
    {
      ...{
        name: 'success',
        ours: Math.min(...runs.map(successPercent)),
        limit: contract.successPercent,
        unit: '%',
        atLeast: true,
      },
      note: `cases ${cases}; honest peer and RPC: ${last.control.tried} requests, p99 ${ms(last.control.p99Ms)}, at most ${ms(last.control.maxMs)}${failed}; the attack: ${did.join(', ')}`,
    },
    {
      ...{ name: 'delay-p99', ours: middle(({ during }) => during.delayP99Ms), limit: contract.delayP99Ms, unit: 'ms' },
      note: `event loop; ${idle}${again}`,
    },
    {
      ...{ name: 'delay-max', ours: middle(({ during }) => during.delayMaxMs), limit: contract.delayMaxMs, unit: 'ms' },
      note: `event loop; ${idle}; ${cpu}${again}`,
    },
    {
      ...{ name: 'memory', ours: most(grownMb), limit: memoryLimitMb(group), unit: 'MB' },
      note: `the most resident memory, ${mb(last.during.peakBytes)}, above the most that serving a peer which syncs had taken, ${mb(last.before.peakBytes)}`,
    },
    ...(group.keptMb === undefined
      ? []
      : [
          {
            ...{ name: 'memory-kept', ours: most(keptMb), limit: group.keptMb, unit: 'MB' },
            note: `the resident memory at the end of the attack, ${mb(last.during.residentBytes)}, above that`,
          },
        ]),
    {
      ...{ name: 'memory-back', ours: most(({ back }) => back.memorySeconds), limit: contract.backSeconds, unit: 's' },
      note: `until memory was within 10 % of that; then ${mb(last.back.after.residentBytes)}, of which heap ${mb(last.back.after.heapUsed)} and buffers ${mb(last.back.after.arrayBuffers)}`,
    },
    {
      ...{
        name: 'descriptors-back',
        ours: most(({ back }) => back.descriptorsSeconds),
        limit: contract.backSeconds,
        unit: 's',
      },
      note: `until there were as many as before: ${last.before.descriptors}, during ${last.during.descriptors}, after ${last.back.after.descriptors}`,
    },
    {
      ...{ name: 'timers-back', ours: most(({ back }) => back.timersSeconds), limit: contract.backSeconds, unit: 's' },
      note: `until there were as many as before: ${last.before.timers}, during ${last.during.timers}, after ${last.back.after.timers}`,
    },
    {
      ...{
        name: 'faults',
        ours: most(({ back, unescaped }) => back.after.faults + unescaped),
        limit: 0,
        unit: 'count',
      },
      note: `exceptions and rejections that nobody caught, log lines that are not escaped; ${last.logLines} lines in all`,
    },
    ...Object.entries(group.atLeast).map(([what, limit]) => ({
      ...{
        name: `attack/${words(what).replaceAll(' ', '-')}`,
        ours: Math.min(...runs.map(({ report }) => report.did[what] ?? 0)),
        limit,
        unit: 'count',
      },
      ...{ atLeast: true, note: 'the attack must not be a feeble one' },
    })),
    ...last.claims.map((claim) => ({
      ...claim,
      ours: most(({ claims }) => claims.find(({ name }) => name === claim.name)?.ours ?? 0),
    })),
  ]
  return figures.map((figure) => ({ ...figure, name: `hostile/${attack}/${figure.name}` }))
}

const successPercent = ({ control: { tried, failed } }: GroupFigures): number =>
  tried === 0 ? 0 : (100 * (tried - failed)) / tried
const grownMb = ({ during, before }: GroupFigures): number => Math.max(0, during.peakBytes - before.peakBytes) / 1e6
const keptMb = ({ during, before }: GroupFigures): number => Math.max(0, during.residentBytes - before.peakBytes) / 1e6
const isLate = (runs: readonly GroupFigures[]): boolean =>
  median(runs.map(({ during }) => during.delayP99Ms)) > contract.delayP99Ms ||
  median(runs.map(({ during }) => during.delayMaxMs)) > contract.delayMaxMs
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
