import { readFileSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** How far the node under attack, and the honest ones in this process, go before everything else on the machine. */
const raisedBy = 10
/** And the attackers behind them: an attacker has a machine of its own. */
const attackersBehind = 5
/** Where Linux shares processors among sessions first (sched(7), "The autogroup feature"), and only then within them. */
const autogroup = '/proc/self/autogroup'

/**
 * What is measured is how the node's loop runs, not how often others take the processor from it: where the system allows
 * (it takes root), this session's processes go first until the end.
 */
export function goFirst(): Disposable {
  const before = getPriority()
  const groupBefore = sessionNiceness()
  try {
    setPriority(Math.max(-20, before - raisedBy))
    if (groupBefore !== undefined) writeFileSync(autogroup, String(Math.max(-20, groupBefore - raisedBy)))
  } catch {
    // Then the node competes with whatever else runs; the lines say how long it waited.
  }
  return {
    [Symbol.dispose]() {
      setPriority(before)
      if (groupBefore !== undefined) writeFileSync(autogroup, String(groupBefore))
    },
  }
}

/** Puts an attacker behind the node. */
export function goBehind(pid: number): void {
  setPriority(pid, Math.min(19, getPriority() + attackersBehind))
}

function sessionNiceness(): number | undefined {
  try {
    const [, niceness] = /nice (-?\d+)/.exec(readFileSync(autogroup, 'utf8')) ?? []
    return niceness === undefined ? undefined : Number(niceness)
  } catch {
    return undefined
  }
}
