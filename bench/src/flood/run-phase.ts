import { setTimeout as delay } from 'node:timers/promises'
import { type Back, comesBack } from '../hostile/back.ts'
import type { Figures, Victim } from '../hostile/victim.ts'
import { type Flooded, prepareFlood } from './flooder.ts'
import type { Honest } from './honest.ts'
import type { HonestFigures } from './honest-messages.ts'
import { type PacketCounts, packetCounts, sinceCounts } from './packet-counts.ts'
import type { Phase } from './phases.ts'

/** What a flood came to. */
export interface PhaseFigures {
  readonly before: Figures
  readonly during: Figures
  /** Shares of a core. */
  readonly idleCpu: number
  readonly cpu: number
  readonly flooded: Flooded
  readonly counts: PacketCounts
  readonly honest: { readonly before: HonestFigures; readonly during: HonestFigures; readonly after: HonestFigures }
  /** How long somebody at the flood's address waited for an answer when it was over. */
  readonly pingMs: number | undefined
  readonly back: Back
  readonly logLines: number
  /** Lines with what could steer a terminal. */
  readonly unescaped: number
}

/** How long the node is looked at with the honest ones alone, and afterwards. */
const beforeMs = 4_000
const afterMs = 3_000

export async function runPhase(
  { flood, pingsAfter = false }: Phase,
  victim: Victim,
  honest: Honest,
): Promise<PhaseFigures> {
  const { node } = victim
  using flooder = await prepareFlood(node.p2pPort, flood)
  const start = await victim.figures()
  const startMs = performance.now()
  await honest.take()
  victim.forget()
  await delay(beforeMs)
  const before = await victim.figures()
  const idleCpu = (before.cpuMs - start.cpuMs) / (performance.now() - startMs)
  const honestBefore = await honest.take()
  const countsBefore = await packetCounts(node)
  const linesBefore = node.logs().split('\n').length
  victim.forget()
  const cpuBefore = (await victim.figures()).cpuMs
  const floodStartMs = performance.now()
  const flooded = await flooder.run()
  const during = await victim.figures()
  const cpu = (during.cpuMs - cpuBefore) / (performance.now() - floodStartMs)
  const honestDuring = await honest.take()
  const pingMs = pingsAfter ? await honest.ping(flooder.source) : undefined
  const counts = sinceCounts(await packetCounts(node), countsBefore)
  await delay(afterMs)
  const honestAfter = await honest.take()
  const back = await comesBack(victim, before, () => undefined)
  const lines = node.logs().split('\n').slice(linesBefore)
  return {
    ...{ before, during, idleCpu, cpu, flooded, counts, pingMs, back },
    honest: { before: honestBefore, during: honestDuring, after: honestAfter },
    logLines: lines.length,
    unescaped: lines.filter((line) => /\p{Cc}/u.test(line)).length,
  }
}
