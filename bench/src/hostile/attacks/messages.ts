import { randomBytes } from 'node:crypto'
import { EncodedItem, writeItem } from '@ethwire/rlp-codec'
import type { Attack } from '../attack.ts'
import { addresses, connectRaw, ethCode, type RawPeer, uint } from '../raw-peer.ts'
import { atRate, pause } from './pace.ts'
import { listHeader, nestedLists, snappyBomb } from './payloads.ts'

const perSecond = 15
const lots = 10 * 1024 * 1024 - 16
/** No message that is wrong may be borne longer. */
const patienceMs = 5_000

/**
 * Cases 25, 29, 33, 37, 38, 42, 43 and 53: connection after connection sends one thing that is wrong, from 10 MiB of
 * empty lists to answers that nobody asked for, from frames that inflate to 16 MiB to those that end in the middle.
 */
export const messages: Attack = async (target, signal) => {
  const ips = addresses(60)
  const hash = randomBytes(32)
  const bomb = snappyBomb(16 * 1024 * 1024 - 1)
  const emptyLists = new Uint8Array(lots).fill(0xc0)
  emptyLists.set(listHeader(lots - 4))
  const nested = nestedLists(50_000)
  const half = new Uint8Array(1_000_000)
  const message =
    (code: number, payload: Uint8Array) =>
    (peer: RawPeer): void =>
      void peer.send(code, payload)
  const kinds: readonly [name: string, send: (peer: RawPeer) => void][] = [
    [
      'case 25: a frame with a wrong MAC',
      (peer) => {
        const frame = peer.rawFrame(ethCode.receipts, half)
        frame[frame.length - 20]! ^= 1
        peer.socket.write(frame)
      },
    ],
    ['case 29: 787 KB that inflate to 16 MiB', (peer) => peer.socket.write(peer.rawFrame(ethCode.receipts, bomb))],
    [
      'case 33: half a frame, then a reset',
      (peer) => {
        const frame = peer.rawFrame(ethCode.receipts, half).subarray(0, 500_000)
        peer.socket.write(frame, () => peer.socket.resetAndDestroy())
      },
    ],
    ['case 42: 10 MiB of empty lists, as headers asked for', message(ethCode.getBlockHeaders, emptyLists)],
    ['case 42: 10 MiB of empty lists, as bodies', message(ethCode.blockBodies, emptyLists)],
    ['case 42: 50,000 lists in each other', message(ethCode.getBlockHeaders, nested)],
    ['case 42: 50,000 lists in each other, as an answer', message(ethCode.receipts, nested)],
    [
      'case 43: an answer to nothing',
      message(ethCode.blockHeaders, writeItem([uint(7), [new EncodedItem(Uint8Array.of(0xc0))]])),
    ],
    [
      'case 43: 1 MB of answer to nothing',
      message(ethCode.blockBodies, writeItem([uint(7), [randomBytes(1_000_000)]])),
    ],
    ['case 53: a range from 9 to 1', message(ethCode.blockRangeUpdate, writeItem([uint(9), uint(1), hash]))],
    [
      'case 53: a range that ends in zero',
      message(ethCode.blockRangeUpdate, writeItem([uint(0), uint(1), new Uint8Array(32)])),
    ],
    ['case 53: NewBlock', message(ethCode.status + 0x07, writeItem([[]]))],
    ['case 37: a second hello', message(0x00, writeItem([uint(5)]))],
    ['case 38: a disconnect that is a list of lists', message(0x01, nested.subarray(-900))],
  ]
  const did = { messages: 0, ended: 0 }
  const borne = new Set<string>() // bounded: by the kinds
  let longestMs = 0
  const sendOne = async (index: number): Promise<void> => {
    const [name, send] = kinds[index % kinds.length]!
    const peer: RawPeer = await connectRaw(target, { from: ips[index % ips.length] as string })
    const start = performance.now()
    send(peer)
    did.messages++
    await Promise.race([peer.closed, pause(patienceMs, signal)])
    if (peer.socket.destroyed) {
      did.ended++
      longestMs = Math.max(longestMs, performance.now() - start)
    } else if (!signal.aborted) {
      borne.add(name)
    }
    peer.close()
  }
  await atRate(perSecond, signal, sendOne)
  const which = borne.size === 0 ? '' : `; borne: ${[...borne].join(', ')}`
  return {
    did,
    claims: [
      {
        ...{ name: 'kinds-borne', ours: borne.size, limit: 0, unit: 'kinds' },
        note: `of ${kinds.length} kinds of wrong messages, those whose sender was still connected after ${patienceMs} ms${which}`,
      },
    ],
  }
}
