import { emptyListHash, emptyRoot, type Header } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import type { RawHeader, VerifiedBlock } from './chain-writer.ts'
import type { PeerState } from './peer-set.ts'

/** A body or a receipt list that is wanted, asked for, or there. */
export interface Part {
  bytes: Uint8Array | undefined
  /** bounded: 2 peers */
  readonly holders: PeerState[]
  /** Monotonic. */
  askedAtMs: number
}

/** What a header says of the other parts of its block. */
type Commitments = Pick<Header, 'transactionsRoot' | 'ommersHash' | 'withdrawalsRoot' | 'receiptsRoot' | 'gasUsed'>

/** A block whose header is verified and whose other parts are being fetched. */
export interface Slot extends RawHeader {
  readonly commitments: Commitments
  readonly body: Part
  readonly receipts: Part
  /** Who answered that an answer with its receipts is over the limit. bounded: the peers */
  readonly oversizedIn: PeerState[]
  /**
   * Who answered that they are over the limit even alone, which can't be checked. Where it is so, only a peer that sends
   * them in parts can deliver them. bounded: the peers
   */
  readonly oversizedBy: PeerState[]
  receiptsUnavailable: string | undefined
}

const emptyBodies = [Uint8Array.of(0xc2, 0xc0, 0xc0), Uint8Array.of(0xc3, 0xc0, 0xc0, 0xc0)] as const
const emptyReceipts = Uint8Array.of(0xc0)
const notWanted = new Uint8Array(0)

/** What the header tells to be empty need not be asked for. */
export function createSlot(raw: RawHeader, header: Header, withReceipts: boolean): Slot {
  const noReceipts = equalBytes(header.receiptsRoot, emptyRoot) ? emptyReceipts : undefined
  return {
    ...raw,
    commitments: commitmentsOf(header),
    body: { bytes: emptyBody(header), holders: [], askedAtMs: 0 },
    receipts: { bytes: withReceipts ? noReceipts : notWanted, holders: [], askedAtMs: 0 },
    oversizedIn: [],
    oversizedBy: [],
    receiptsUnavailable: undefined,
  }
}

/** A few fields of a header: with all of them, thousands that wait are most of what a sync leaves to be collected. */
function commitmentsOf({ transactionsRoot, ommersHash, withdrawalsRoot, receiptsRoot, gasUsed }: Header): Commitments {
  return { transactionsRoot, ommersHash, withdrawalsRoot, receiptsRoot, gasUsed }
}

function emptyBody({ transactionsRoot, ommersHash, withdrawalsRoot }: Header): Uint8Array | undefined {
  if (!equalBytes(transactionsRoot, emptyRoot) || !equalBytes(ommersHash, emptyListHash)) return undefined
  if (withdrawalsRoot === undefined) return emptyBodies[0]
  return equalBytes(withdrawalsRoot, emptyRoot) ? emptyBodies[1] : undefined
}

export function isComplete(slot: Slot): boolean {
  return slot.body.bytes !== undefined && (slot.receipts.bytes !== undefined || slot.receiptsUnavailable !== undefined)
}

/** Bytes that wait for being stored. */
export function slotBytes({ body, receipts }: Slot): number {
  return (body.bytes?.length ?? 0) + (receipts.bytes?.length ?? 0)
}

export function toBlock({ number, hash, header, body, receipts, receiptsUnavailable }: Slot): VerifiedBlock {
  if (body.bytes === undefined) throw new TypeError(`block ${number} is not complete`)
  const block = { number, hash, header, body: body.bytes }
  if (receiptsUnavailable !== undefined) return { ...block, receiptsUnavailable }
  return receipts.bytes === undefined || receipts.bytes === notWanted ? block : { ...block, receipts: receipts.bytes }
}
