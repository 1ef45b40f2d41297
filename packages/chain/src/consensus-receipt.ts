import { equalBytes, pureCrypto } from '@ethwire/crypto'
import { bytes, Cursor, decode, encode, fixedBytes, struct, u64 } from '@ethwire/rlp-codec'
import { type BloomBuilder, createBloomBuilder } from './bloom.ts'
import { ChainError } from './errors.ts'
import type { Hasher } from './hasher.ts'
import type { Header } from './header.ts'
import { orderedRoot } from './ordered-root.ts'
import { type Log, logsSchema, outcomeBytes, type Receipt, readOutcome, splitReceipts } from './receipt.ts'
import { guardRlp, rlpFailure } from './rlp-guard.ts'
import { headerSize, writeHeader } from './trie.ts'
import { emptyRoot } from './well-known.ts'

/** The 256-byte filter over addresses and topics. */
export function logsBloom(logs: readonly Log[], crypto: Hasher = pureCrypto): Uint8Array {
  const builder = createBloomBuilder(crypto)
  const bloom = new Uint8Array(256)
  for (const log of logs) {
    builder.add(bloom, log.address)
    for (const topic of log.topics) builder.add(bloom, topic)
  }
  return bloom
}

const consensusSchema = struct({
  outcome: bytes(32),
  cumulativeGasUsed: u64,
  bloom: fixedBytes(256),
  logs: logsSchema,
})

/** A receipt with the bloom that it came with. */
export interface ReceiptWithBloom extends Receipt {
  readonly logsBloom: Uint8Array
}

/**
 * Reads a receipt in consensus form, `type ‖ [status or root, cumulative gas, bloom, logs]`, the type absent for legacy.
 * Whether the bloom is that of the logs is not checked.
 * @throws ChainError `CHAIN_RLP`, `CHAIN_RECEIPT`
 */
export function decodeConsensusReceipt(envelope: Uint8Array): ReceiptWithBloom {
  const first = envelope[0] ?? 0
  const type = first >= 0xc0 ? 0 : first
  if (first < 0xc0 && (type === 0 || type > 0x7f))
    throw new ChainError('CHAIN_RECEIPT', `receipt type ${type} is not allowed`)
  const { outcome, bloom, cumulativeGasUsed, logs } = guardRlp('receipt', () =>
    decode(consensusSchema, type === 0 ? envelope : envelope.subarray(1)),
  )
  return { type, ...readOutcome(outcome), cumulativeGasUsed, logsBloom: bloom, logs }
}

/** Writes a receipt in consensus form, its bloom made from the logs. */
export function encodeConsensusReceipt(receipt: Receipt, crypto: Hasher = pureCrypto): Uint8Array {
  const { type, cumulativeGasUsed, logs } = receipt
  const bloom = logsBloom(logs, crypto)
  const payload = encode(consensusSchema, { outcome: outcomeBytes(receipt), cumulativeGasUsed, bloom, logs: [...logs] })
  if (type === 0) return payload
  const envelope = new Uint8Array(1 + payload.length)
  envelope[0] = type
  envelope.set(payload, 1)
  return envelope
}

/**
 * From eth/69 form to consensus form without decoding: the fields' bytes are taken over, the bloom is put in.
 * @throws ChainError `CHAIN_RLP`, `CHAIN_RECEIPT`
 */
export function toConsensusReceipt(item: Uint8Array, bloomBuilder: BloomBuilder): Uint8Array {
  try {
    return insertBloom(item, bloomBuilder)
  } catch (error) {
    throw rlpFailure('receipt', error)
  }
}

function insertBloom(item: Uint8Array, bloomBuilder: BloomBuilder): Uint8Array {
  const input = new Cursor(item)
  input.enterList('a receipt')
  if (input.end !== item.length) throw new ChainError('CHAIN_RECEIPT', 'there are bytes after the receipt')
  input.nextBytes('a type')
  const type = input.payloadEnd === input.payloadStart ? 0 : (item[input.payloadStart] as number)
  if (
    input.payloadEnd - input.payloadStart > 1 ||
    type > 0x7f ||
    (type === 0 && input.payloadEnd > input.payloadStart)
  ) {
    throw new ChainError('CHAIN_RECEIPT', 'expected a transaction type up to 0x7f')
  }
  const outcomeStart = input.position
  input.nextBytes('a status or state root')
  input.nextBytes('a quantity of gas')
  const logsStart = input.position
  const bloom = bloomOf(input, bloomBuilder)
  if (input.position !== item.length) throw new ChainError('CHAIN_RECEIPT', 'the receipt goes on after its logs')

  const kept = item.length - outcomeStart
  const size = kept + 3 + 256
  const typeSize = type === 0 ? 0 : 1
  const envelope = new Uint8Array(typeSize + headerSize(size) + size)
  if (typeSize === 1) envelope[0] = type
  let at = writeHeader(envelope, typeSize, 0xc0, size)
  envelope.set(item.subarray(outcomeStart, logsStart), at)
  at = writeHeader(envelope, at + logsStart - outcomeStart, 0x80, 256)
  envelope.set(bloom, at)
  envelope.set(item.subarray(logsStart), at + 256)
  return envelope
}

/** Reads through the logs list. The data is not looked at: the root over the bytes will tell. */
function bloomOf(input: Cursor, bloomBuilder: BloomBuilder): Uint8Array {
  const bloom = new Uint8Array(256)
  const receiptEnd = input.enterList('logs')
  while (input.position < input.end) {
    const logsEnd = input.enterList('a log')
    input.nextBytes('an address')
    bloomBuilder.add(bloom, input.payload())
    const logEnd = input.enterList('topics')
    while (input.position < input.end) {
      input.nextBytes('a topic')
      bloomBuilder.add(bloom, input.payload())
    }
    input.leave(logEnd)
    input.leave(logsEnd)
  }
  input.leave(receiptEnd)
  return bloom
}

/** The root of receipts in eth/69 form; the blooms are made on the way. @throws ChainError */
export function receiptsRoot(items: readonly Uint8Array[], crypto: Hasher = pureCrypto): Uint8Array {
  const bloomBuilder = createBloomBuilder(crypto)
  return orderedRoot(
    items.map((item) => toConsensusReceipt(item, bloomBuilder)),
    crypto,
  )
}

/**
 * Checks that receipts in eth/69 form (one list, or its items) are those that a header commits to; returns the items.
 * @throws ChainError `CHAIN_RLP`, `CHAIN_RECEIPT`, `CHAIN_RECEIPTS_ROOT`
 */
export function verifyReceipts(
  header: Pick<Header, 'receiptsRoot'>,
  receipts: Uint8Array | readonly Uint8Array[],
  crypto: Hasher = pureCrypto,
): readonly Uint8Array[] {
  const items = receipts instanceof Uint8Array ? splitReceipts(receipts) : receipts
  if (!equalBytes(items.length === 0 ? emptyRoot : receiptsRoot(items, crypto), header.receiptsRoot)) {
    throw new ChainError('CHAIN_RECEIPTS_ROOT', 'the receipts are not those of the header')
  }
  return items
}
