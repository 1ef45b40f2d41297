import type { Attack } from '../attack.ts'
import { addresses, openSocket } from '../raw-peer.ts'
import { atRate } from './pace.ts'

const perSecond = 100

/** Case 54: more connections than the node, started with `ulimit -n 64`, has descriptors for; each is held. */
export const descriptors: Attack = async (target, signal) => {
  const ips = addresses(100)
  const did = { connections: 0 }
  await atRate(perSecond, signal, async (index) => {
    const socket = await openSocket(target, ips[index % ips.length] as string)
    did.connections++
    socket.resume()
  })
  return { did, claims: [] }
}
