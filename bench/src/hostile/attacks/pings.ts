import { setImmediate } from 'node:timers/promises'
import type { Attack, AttackReport } from '../attack.ts'
import { addresses, connectRawUntil } from '../raw-peer.ts'
import { pause } from './pace.ts'

const pinging = 10
const pingsEach = 10_000
/** So many in one go; then whatever else this process has to do, such as to hear that the node has enough. */
const burst = 100
const emptyList = Uint8Array.of(0xc0)
const breach = 0x02

/** Case 34: ten peers of 10,000 pings each, again and again. */
export const pings: Attack = async (target, signal): Promise<AttackReport> => {
  const did = { pings: 0, rounds: 0, disconnectedForIt: 0 }
  let longestMs = 0
  const ping = async (from: string): Promise<void> => {
    while (!signal.aborted) {
      const peer = await connectRawUntil(target, { from }, signal)
      if (peer === undefined) return
      const start = performance.now()
      for (let count = 0; count < pingsEach && !peer.socket.destroyed; count++) {
        peer.send(0x02, emptyList)
        did.pings++
        if (peer.socket.writableNeedDrain) await peer.drained()
        else if (count % burst === burst - 1) await setImmediate()
      }
      await Promise.race([peer.closed, pause(5_000, signal)])
      did.rounds++
      if (peer.reason() === breach) did.disconnectedForIt++
      if (!signal.aborted) longestMs = Math.max(longestMs, performance.now() - start)
      peer.close()
    }
  }
  await Promise.all(addresses(pinging).map(ping))
  return {
    did,
    claims: [
      {
        ...{ name: 'longest-flood', ours: longestMs, limit: 3_000, unit: 'ms' },
        note: 'case 34: how long from the first of 10,000 pings until the connection was over; a second over the budget is allowed, and one to part',
      },
    ],
  }
}
