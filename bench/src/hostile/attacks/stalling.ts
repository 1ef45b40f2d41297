import { writeItem } from '@ethwire/rlp-codec'
import type { Attack } from '../attack.ts'
import { addresses, connectRawUntil, ethCode, type RawPeer, uint } from '../raw-peer.ts'
import { pause } from './pace.ts'

const stalling = 50
/** What a staller sends of its 16 MiB. */
const stalledBytes = 6 * 1024 * 1024
const frameBytes = 16 * 1024 * 1024 - 16

const deaf = 4
/** Headers do not compress much: more than both systems' buffers hold. */
const requestsEach = 60

/**
 * Cases 26 and 35: fifty frames of 16 MiB that stop after 6, and four peers that ask for headers until their answers fit into
 * no buffer any more, and read none.
 */
export const stallers: Attack = async (target, signal) => {
  const ips = addresses(stalling + deaf)
  const did = { stalled: 0, stalledEnded: 0, deaf: 0, deafEnded: 0 }
  const body = new Uint8Array(frameBytes)
  let longestStallMs = 0
  let longestDeafMs = 0

  /** Resolves with how long the node bore the peer. */
  const borne = async (peer: RawPeer): Promise<number> => {
    const start = performance.now()
    // Who does not read does not hear of its end either: but what it writes is refused from then on.
    const probing = setInterval(() => peer.send(0x03, Uint8Array.of(0xc0)), 250)
    await Promise.race([peer.closed, pause(60_000, signal)])
    clearInterval(probing)
    return performance.now() - start
  }
  const stall = async (from: string): Promise<void> => {
    const peer = await connectRawUntil(target, { from }, signal)
    if (peer === undefined) return
    peer.socket.write(peer.rawFrame(ethCode.transactions, body).subarray(0, stalledBytes))
    did.stalled++
    const start = performance.now()
    await Promise.race([peer.closed, pause(60_000, signal)])
    longestStallMs = Math.max(longestStallMs, performance.now() - start)
    if (peer.socket.destroyed) did.stalledEnded++
  }
  const askWithoutReading = async (from: string): Promise<void> => {
    const peer = await connectRawUntil(target, { from }, signal)
    if (peer === undefined) return
    peer.stopReading()
    did.deaf++
    for (let index = 0; index < requestsEach; index++) {
      peer.send(ethCode.getBlockHeaders, writeItem([uint(index), [uint(0), uint(1024), uint(0), uint(0)]]))
    }
    longestDeafMs = Math.max(longestDeafMs, await borne(peer))
    if (peer.socket.destroyed) did.deafEnded++
  }
  await Promise.all([
    ...ips.slice(stalling).map((from) => askWithoutReading(from)),
    ...ips.slice(0, stalling).map((from) => stall(from)),
  ])
  return {
    did,
    claims: [
      {
        ...{ name: 'longest-stall', ours: longestStallMs, limit: 33_000, unit: 'ms' },
        note: 'case 26: how long a frame that stopped was waited for; the deadline is 30 s',
      },
      {
        ...{ name: 'longest-unread', ours: longestDeafMs, limit: 28_000, unit: 'ms' },
        note: 'case 35: how long a peer that reads nothing was borne; 20 s from when its buffers are full',
      },
    ],
  }
}
