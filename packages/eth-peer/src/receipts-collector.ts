import { ProtocolError } from '@ethwire/protocol'
import { Cursor, encodeList, RlpError } from '@ethwire/rlp-codec'
import { decodeFailure } from './decode-message.ts'
import type { Receipts } from './messages.ts'

/** Messages that one answer may come in: an honest peer cuts at 2 MiB at the earliest. */
export const maxRounds = 32
/** Of all receipts that one answer brings. */
const maxCollectedBytes = 64 * 1024 * 1024
/**
 * An encoded receipt costs its transaction at least 8 gas a byte: log data 8, a topic of 33 bytes 375, a log of about 32
 * bytes 375, all else 4,500 and more. Refunds return a part of it, which 4 leaves room for.
 */
const gasPerByte = 4n
const slackBytes = 1024n

/** What is asked for next: the blocks that are left, the first of them from a receipt on. */
export interface ReceiptsContinuation {
  readonly hashes: readonly Uint8Array[]
  readonly firstBlockReceiptIndex: bigint
}

/** Puts the parts of an answer together (eth/70). */
export interface ReceiptsCollector {
  /**
   * Takes one message; returns all lists when it was the last, else what to ask for next.
   * @throws ProtocolError `PROTOCOL_BREACH` when it brings nothing new or too much, `PROTOCOL_DECODE`
   */
  push(answer: Receipts): { done: Uint8Array[] } | { next: ReceiptsContinuation }
}

/** A block's receipts of which some are still to come. */
interface PartialList {
  readonly items: Uint8Array[]
  count: number
  bytes: number
}

/** Makes a collector for one request. `gasUsed`, if known, belongs to the hashes one by one. */
export function createReceiptsCollector(hashes: readonly Uint8Array[], gasUsed?: readonly bigint[]): ReceiptsCollector {
  const complete: Uint8Array[] = [] // bounded: one for each hash, maxCollectedBytes together
  let partial: PartialList | undefined
  let collectedBytes = 0
  let rounds = 0

  return {
    push({ items, lastBlockIncomplete }) {
      rounds++
      const left = hashes.length - complete.length
      if (items.length > left) breach(`${items.length} lists, asked for ${left}`)
      for (const item of items) collectedBytes += item.length
      if (collectedBytes > maxCollectedBytes) breach(`more than ${maxCollectedBytes} bytes of receipts`)

      const last = items.length - 1
      items.forEach((item, index) => {
        const isCut = lastBlockIncomplete && index === last
        if (!isCut && partial === undefined) {
          complete.push(item)
          return
        }
        const { payload, count } = readReceiptList(item)
        // Only the last list may be empty here, and only if lists before it moved the answer on.
        if (isCut && count === 0 && items.length === 1) breach('a part without receipts')
        partial ??= { items: [], count: 0, bytes: 0 }
        partial.items.push(payload)
        partial.count += count
        partial.bytes += payload.length
        checkSize(partial.bytes, gasUsed?.[complete.length])
        if (isCut) return
        complete.push(encodeList(partial.items))
        partial = undefined
      })
      // A block whose rest the peer does not have is left out.
      if (!lastBlockIncomplete) return { done: complete }
      if (items.length === 0) breach('an incomplete answer without receipts')
      if (rounds >= maxRounds) breach(`an answer in more than ${maxRounds} parts`)
      return {
        next: {
          hashes: hashes.slice(complete.length),
          firstBlockReceiptIndex: BigInt(partial?.count ?? 0),
        },
      }
    },
  }
}

function checkSize(bytes: number, gasUsed: bigint | undefined): void {
  if (gasUsed === undefined) return
  const most = gasUsed / gasPerByte + slackBytes
  if (BigInt(bytes) > most) breach(`${bytes} bytes of receipts for ${gasUsed} gas`)
}

function readReceiptList(item: Uint8Array): { payload: Uint8Array; count: number } {
  try {
    const input = new Cursor(item)
    input.enterList('a list of receipts')
    const payload = item.subarray(input.position, input.end)
    let count = 0
    for (; input.position < input.end; count++) {
      input.next()
      if (input.kind !== 'list') throw new RlpError('RLP_KIND', 'expected a receipt, got bytes')
    }
    return { payload, count }
  } catch (error) {
    throw decodeFailure('Receipts', error)
  }
}

function breach(what: string): never {
  throw new ProtocolError('PROTOCOL_BREACH', `Receipts: ${what}`)
}
