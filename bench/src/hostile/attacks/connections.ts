import { randomBytes } from 'node:crypto'
import type { Attack } from '../attack.ts'
import { addresses, connectRaw, openSocket } from '../raw-peer.ts'
import { atRate, pause } from './pace.ts'

const dripping = 50
const dripEveryMs = 4_000
/** So long connections drip; then the flood begins. */
const dripMs = 7_000
const floodPerSecond = 200
/** Sizes that broke others. */
const authSizes = [0, 1, 96, 97, 113, 130, 307, 2049, 65_535]
const ansi = new TextEncoder().encode('\u001b[2J\u001b]0;owned\u0007\r\n{"level":60}')

/**
 * Cases 16 to 22 and 36: handshakes of one byte in 4 s take each place, then 200 connections a second from 100 addresses
 * are silent, send garbage of every size as auth, stop after the handshake, or name themselves by what steers terminals.
 */
export const connections: Attack = async (target, signal) => {
  const ips = addresses(100)
  const did = { dripped: 0, flooded: 0 }
  let longestMs = 0
  const dripEnd = AbortSignal.any([signal, AbortSignal.timeout(dripMs)])
  const drip = async (index: number): Promise<void> => {
    while (!dripEnd.aborted) {
      const socket = await openSocket(target, ips[index] as string)
      const start = performance.now()
      did.dripped++
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      // The size that an auth may have, and then its bytes one by one.
      const auth = Uint8Array.of(0x01, 0x90, ...randomBytes(400))
      let at = 0
      const timer = setInterval(() => void socket.write(auth.subarray(at, ++at)), dripEveryMs)
      socket.write(auth.subarray(at, ++at))
      socket.resume()
      // Until the node ends it, or it has held its place for too long.
      await Promise.race([closed, pause(10_000, signal)])
      clearInterval(timer)
      longestMs = Math.max(longestMs, performance.now() - start)
      socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: dripping }, (_, index) => drip(index).catch(() => undefined)))
  await atRate(floodPerSecond, signal, async (index) => {
    const from = ips[index % ips.length] as string
    did.flooded++
    if (index % 12 === 10) return void (await connectRaw(target, { from, until: 'handshake' }))
    if (index % 12 === 11) return (await connectRaw(target, { from, until: 'hello', name: ansi })).close()
    const socket = await openSocket(target, from)
    socket.resume()
    const size = authSizes[index % authSizes.length] as number
    if (index % 12 !== 9) socket.write(randomBytes(size))
  })
  return {
    did,
    claims: [
      {
        ...{ name: 'longest-drip', ours: longestMs, limit: 6_000, unit: 'ms' },
        note: 'case 20: how long a handshake of one byte in 4 s kept its place; the deadline is 5 s',
      },
    ],
  }
}
