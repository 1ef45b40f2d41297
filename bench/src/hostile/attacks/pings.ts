import type { Attack, AttackReport } from '../attack.ts'
import { addresses, connectRawUntil } from '../raw-peer.ts'
import { pause } from './pace.ts'

const pinging = 4
const pingsEach = 10_000
const emptyList = Uint8Array.of(0xc0)
const breach = 0x02

/** Case 34: four peers of 10,000 pings each, again and again; more would wait for each other in this one process. */
export const pings: Attack = async (target, signal): Promise<AttackReport> => {
  const did = { pings: 0, rounds: 0, disconnectedForIt: 0 }
  let longestMs = 0
  const ping = async (from: string): Promise<void> => {
    while (!signal.aborted) {
      const peer = await connectRawUntil(target, { from }, signal)
      if (peer === undefined) return
      for (let count = 0; count < pingsEach && !peer.socket.destroyed; count++) {
        peer.send(0x02, emptyList)
        did.pings++
        if (peer.socket.writableNeedDrain) await peer.drained()
      }
      const start = performance.now()
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
        note: 'case 34: how long after the last of 10,000 pings the connection was over; a second over the budget is allowed, and one to part',
      },
    ],
  }
}
