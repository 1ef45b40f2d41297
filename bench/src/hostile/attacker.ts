// A process that attacks: it is told by IPC what and for how long, and reports. Its end closes all of its sockets.
import type { Attack, AttackTarget } from './attack.ts'
import { announcements } from './attacks/announcements.ts'
import { connections } from './attacks/connections.ts'
import { descriptors } from './attacks/descriptors.ts'
import { messages } from './attacks/messages.ts'
import { pings } from './attacks/pings.ts'
import { requests } from './attacks/requests.ts'
import { rpc } from './attacks/rpc.ts'
import { stallers } from './attacks/stalling.ts'
import { unread } from './attacks/unread.ts'

/** The attacks that there are. */
export type AttackName =
  | 'announcements'
  | 'connections'
  | 'descriptors'
  | 'messages'
  | 'pings'
  | 'requests'
  | 'rpc'
  | 'stalling'
  | 'unread'

const attacks: Readonly<Record<AttackName, Attack>> = {
  ...{ announcements, connections, descriptors, messages, pings, requests, rpc, stalling: stallers, unread },
}

/** What an attacker is told. */
export interface AttackOrder {
  readonly attack: AttackName
  readonly target: AttackTarget
  readonly durationMs: number
}

process.once('message', async ({ attack, target, durationMs }: AttackOrder) => {
  const report = await attacks[attack](target, AbortSignal.timeout(durationMs))
  process.send?.(report, () => process.exit(0))
})
