import { bytes, decode, encode, fixedBytes, list, listItems, type Schema, struct, u8, u64 } from '@ethwire/rlp-codec'
import { maxTransactions } from './body.ts'
import { ChainError } from './errors.ts'
import { guardRlp } from './rlp-guard.ts'

/** What a contract wrote to the log. */
export interface Log {
  readonly address: Uint8Array
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}

/** A receipt as eth/69 and later carry it and stores keep it: without its bloom, which the logs give. */
export interface Receipt {
  /** The type of its transaction. */
  readonly type: number
  /** Whether the transaction succeeded; absent before Byzantium. */
  readonly status?: 0 | 1 | undefined
  /** The state root after the transaction; only before Byzantium. */
  readonly postState?: Uint8Array | undefined
  readonly cumulativeGasUsed: bigint
  readonly logs: readonly Log[]
}

interface ReceiptFields {
  readonly type: number
  readonly outcome: Uint8Array
  readonly cumulativeGasUsed: bigint
  readonly logs: readonly Log[]
}

export const logsSchema: Schema<Log[]> = list(
  struct({ address: fixedBytes(20), topics: list(fixedBytes(32), 4), data: bytes(64 * 1024 * 1024) }),
  1 << 20,
)

const receiptSchema: Schema<ReceiptFields> = struct({
  type: u8,
  outcome: bytes(32),
  cumulativeGasUsed: u64,
  logs: logsSchema,
}) as Schema<ReceiptFields>

/**
 * Takes apart a block's receipt list in eth/69 form; the items are views, not looked at.
 * @throws ChainError `CHAIN_RLP`
 */
export function splitReceipts(receipts: Uint8Array): Uint8Array[] {
  return guardRlp('receipts', () => listItems(receipts, maxTransactions))
}

/** Reads one receipt in eth/69 form, `[type, status or root, cumulative gas, logs]`. @throws ChainError */
export function decodeReceipt(item: Uint8Array): Receipt {
  const { outcome, ...fields } = guardRlp('receipt', () => decode(receiptSchema, item))
  return { ...fields, ...readOutcome(outcome) }
}

/** Reads a block's receipt list in eth/69 form. @throws ChainError `CHAIN_RLP`, `CHAIN_RECEIPT` */
export function decodeReceipts(receipts: Uint8Array): Receipt[] {
  return splitReceipts(receipts).map((item) => decodeReceipt(item))
}

/** Writes one receipt in eth/69 form. @throws RangeError for values that fit no receipt */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { type, cumulativeGasUsed, logs } = receipt
  return encode(receiptSchema, { type, outcome: outcomeBytes(receipt), cumulativeGasUsed, logs })
}

/** The status or state root of a receipt from its bytes. @throws ChainError `CHAIN_RECEIPT` */
export function readOutcome(outcome: Uint8Array): Pick<Receipt, 'status' | 'postState'> {
  if (outcome.length === 32) return { postState: outcome }
  if (outcome.length === 0) return { status: 0 }
  if (outcome.length === 1 && outcome[0] === 1) return { status: 1 }
  throw new ChainError('CHAIN_RECEIPT', `expected a status or a state root, got ${outcome.length} bytes`)
}

/** The inverse of `readOutcome`. */
export function outcomeBytes(receipt: Pick<Receipt, 'status' | 'postState'>): Uint8Array {
  if (receipt.postState !== undefined) return receipt.postState
  return receipt.status === 1 ? Uint8Array.of(1) : new Uint8Array(0)
}
