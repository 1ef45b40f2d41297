import { setTimeout as delay } from 'node:timers/promises'
import type { AttackReport, AttackTarget, Claim } from './attack.ts'
import { runAttack } from './attackers.ts'
import { type Back, comesBack } from './back.ts'
import { type Control, type ControlFigures, startControl } from './control.ts'
import type { Group } from './groups.ts'
import { type Figures, startVictim, type Victim } from './victim.ts'
import type { VictimChain } from './victim-chain.ts'

/** What a group came to. */
export interface GroupFigures {
  /** With the honest ones alone. */
  readonly before: Figures
  readonly during: Figures
  readonly control: ControlFigures
  readonly report: AttackReport
  readonly claims: readonly Claim[]
  readonly back: Back
  readonly logLines: number
  /** Lines with what could steer a terminal. */
  readonly unescaped: number
}

/** What the node settles down in after the control has synced, and what it is looked at for then. */
const settleMs = 500
const baselineMs = 2_500
/** What a run takes beyond its attack: a node that starts and ends, a peer that syncs, and the above. */
const besidesMs = 12_000

export async function runGroup(group: Group, chain: VictimChain): Promise<GroupFigures> {
  await using victim = await startVictim(chain, group)
  const { node } = victim
  await using control = await startControl(node, chain)
  const synced = await victim.figures()
  await delay(settleMs)
  victim.forget()
  await delay(baselineMs)
  const idle = await victim.figures()
  // The most that serving an honest peer took is where the memory of an attack is counted from.
  const before = { ...idle, peakBytes: Math.max(synced.peakBytes, idle.peakBytes) }
  const target = targetOf(victim, control, chain)
  control.take()
  victim.forget()
  const linesBefore = node.logs().split('\n').length
  const beside = group.during?.(victim, chain) ?? Promise.resolve([])
  beside.catch(() => undefined)
  const report = await runAttack({ attack: group.attack, target, durationMs: group.durationMs })
  const during = await victim.figures()
  const seen = control.take()
  const claims = [...report.claims, ...(await beside), ...((await group.after?.(victim, chain)) ?? [])]
  const back = await comesBack(victim, before, () => control.take())
  const lines = node.logs().split('\n').slice(linesBefore)
  const unescaped = lines.filter((line) => /\p{Cc}/u.test(line)).length
  await node.stop()
  return { before, during, control: seen, report, claims, back, logLines: lines.length, unescaped }
}

function targetOf({ node }: Victim, { hashes }: Control, { head, largestReceipts }: VictimChain): AttackTarget {
  const inHex = hashes.map((hash) => `0x${Buffer.from(hash).toString('hex')}`)
  const rpcUrl = `http://127.0.0.1:${node.httpPort}`
  return { enode: node.enode, rpcUrl, head, hashes: inHex, largestReceipts }
}

/** About how long such a run takes. */
export const runMs = ({ durationMs }: Group): number => durationMs + besidesMs
