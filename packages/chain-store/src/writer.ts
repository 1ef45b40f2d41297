import { headerParentHash } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import { asBytes, type ChainDatabase, getRow, type Operation } from './database.ts'
import { ChainStoreError } from './errors.ts'
import { hashKey, metaKeys, type NumberTable, numberKey, numberOfKey, writeNumber } from './keys.ts'
import type { NumberCache } from './number-cache.ts'
import { owned } from './owned.ts'
import type { SkeletonArea } from './skeleton.ts'
import { type ChainState, toHead } from './state.ts'
import type { BlockRef, ChainStoreReader, ChainStoreWriter, StoredBlock } from './types.ts'
import type { WriteQueue } from './write-queue.ts'

export interface WriterParts {
  readonly db: ChainDatabase
  readonly queue: WriteQueue
  readonly state: ChainState
  readonly cache: NumberCache
  readonly skeleton: SkeletonArea
  readonly reader: Pick<ChainStoreReader, 'numberByHash'>
}

/** Blocks that one batch of a rewind removes. */
const rewindBatch = 1024
const tablesOfBlock: readonly NumberTable[] = ['header', 'hash', 'body', 'receipts', 'unavailableReceipts']

/** The writing side. Memory changes only after the database has taken the batch. */
export function createWriter({ db, queue, state, cache, skeleton, reader }: WriterParts): ChainStoreWriter {
  async function removeAbove(number: number): Promise<void> {
    const top = state.head().number
    const keys = Array.from({ length: top - number + 1 }, (_, index) => numberKey('hash', number + index))
    const hashes = await getRow(db, keys)
    const header = await db.get(numberKey('header', number), asBytes)
    const [hash, ...removed] = hashes
    if (hash === undefined || header === undefined || removed.length !== top - number) {
      throw new ChainStoreError('STORE_CORRUPT', `rows are missing from block ${number} on`)
    }
    const head = toHead({ number, hash: owned(hash) }, header)
    const operations = removed.flatMap((gone, index) => removeBlock(number + 1 + index, gone))
    operations.push({ type: 'put', key: metaKeys.head, value: encodeRef(head) })
    state.removals++
    try {
      await db.batch(operations, asBytes)
    } finally {
      state.removals++
      cache.clear()
    }
    state.moveHead(head)
  }

  return {
    append: (blocks) =>
      queue.run(async () => {
        const last = blocks.at(-1)
        if (last === undefined) return
        checkLinks(state.head(), blocks)
        const head = toHead({ number: last.number, hash: owned(last.hash) }, last.header)
        const filling = await skeleton.filledBy(head)
        const operations = blocks.flatMap((block) => blockOperations(block))
        operations.push({ type: 'put', key: metaKeys.head, value: encodeRef(head) }, ...filling.operations)
        await db.batch(operations, asBytes)
        filling.applied()
        for (const { hash, number } of blocks) cache.set(hash, number)
        state.moveHead(head)
      }),

    rewind: (toNumber) =>
      queue.run(async () => {
        if (!Number.isSafeInteger(toNumber) || toNumber < 0) throw new RangeError(`there is no block ${toNumber}`)
        while (state.head().number > toNumber) await removeAbove(Math.max(toNumber, state.head().number - rewindBatch))
      }),

    putReceipts: (receipts) =>
      queue.run(async () => {
        await checkKnown(db, receipts)
        const operations = receipts.flatMap(({ number, receipts: value }): Operation[] => [
          { type: 'put', key: numberKey('receipts', number), value: owned(value) },
          { type: 'del', key: numberKey('unavailableReceipts', number) },
        ])
        await db.batch(operations, asBytes)
      }),

    markReceiptsUnavailable: (entry) =>
      queue.run(async () => {
        await checkKnown(db, [entry])
        await db.batch([unavailableOperation(entry.number, entry.hash, entry.reason)], asBytes)
      }),

    async unavailableReceipts(limit) {
      const range = {
        gte: numberKey('unavailableReceipts', 0),
        lt: numberKey('unavailableReceipts', Number.MAX_SAFE_INTEGER),
      }
      const rows = await db.iterator({ ...range, limit, ...asBytes }).all()
      return rows.map(([key, value]) => ({
        number: numberOfKey(key),
        hash: value.subarray(0, 32),
        reason: reasonOf(value),
      }))
    },

    async receiptsUnavailableReason(hash) {
      const number = await reader.numberByHash(hash)
      if (number === undefined) return undefined
      const value = await db.get(numberKey('unavailableReceipts', number), asBytes)
      return value !== undefined && equalBytes(value.subarray(0, 32), hash) ? reasonOf(value) : undefined
    },

    async missingReceipts(from, count) {
      const numbers: number[] = []
      const end = Math.min(from + count, state.head().number + 1)
      for (let number = Math.max(0, from); number < end; number++) numbers.push(number)
      const keys = numbers.map((number) => numberKey('receipts', number))
      const found = await db.hasMany(keys, { keyEncoding: 'view' })
      return numbers.filter((_, index) => found[index] === false)
    },
  }
}

/** All rows of a block but the head that points to it. */
export function blockOperations(block: StoredBlock): Operation[] {
  const { number, hash, header, body, receipts, receiptsUnavailable } = block
  const numberBytes = new Uint8Array(8)
  writeNumber(numberBytes, 0, number)
  const operations: Operation[] = [
    { type: 'put', key: numberKey('header', number), value: owned(header) },
    { type: 'put', key: numberKey('hash', number), value: owned(hash) },
    { type: 'put', key: hashKey(hash), value: numberBytes },
    { type: 'put', key: numberKey('body', number), value: owned(body) },
  ]
  if (receipts !== undefined)
    operations.push({ type: 'put', key: numberKey('receipts', number), value: owned(receipts) })
  else if (receiptsUnavailable !== undefined) operations.push(unavailableOperation(number, hash, receiptsUnavailable))
  return operations
}

/** Reasons are for people: what is longer is cut. */
const maxReasonBytes = 1024

function unavailableOperation(number: number, hash: Uint8Array, reason: string): Operation {
  const text = new TextEncoder().encode(reason).subarray(0, maxReasonBytes)
  const value = new Uint8Array(32 + text.length)
  value.set(hash)
  value.set(text, 32)
  return { type: 'put', key: numberKey('unavailableReceipts', number), value }
}

function reasonOf(value: Uint8Array): string {
  return new TextDecoder().decode(value.subarray(32))
}

function removeBlock(number: number, hash: Uint8Array): Operation[] {
  const keys = tablesOfBlock.map((table) => numberKey(table, number))
  return [...keys, hashKey(hash)].map((key): Operation => ({ type: 'del', key }))
}

function checkLinks(head: BlockRef, blocks: readonly StoredBlock[]): void {
  let before = head
  for (const block of blocks) {
    if (block.hash.length !== 32) throw new TypeError(`a block hash has 32 bytes, got ${block.hash.length}`)
    if (block.number !== before.number + 1 || !equalBytes(headerParentHash(block.header), before.hash)) {
      throw new ChainStoreError('STORE_NOT_LINKED', `block ${block.number} does not follow block ${before.number}`)
    }
    before = block
  }
}

async function checkKnown(db: ChainDatabase, blocks: readonly BlockRef[]): Promise<void> {
  const hashes = await db.getMany(
    blocks.map(({ number }) => numberKey('hash', number)),
    asBytes,
  )
  for (const [index, { number, hash }] of blocks.entries()) {
    const stored = hashes[index]
    if (stored === undefined || !equalBytes(stored, hash)) {
      throw new ChainStoreError('STORE_UNKNOWN_BLOCK', `block ${number} with that hash is not in the chain`)
    }
  }
}

export function encodeRef({ number, hash }: BlockRef): Uint8Array {
  const bytes = new Uint8Array(40)
  writeNumber(bytes, 0, number)
  bytes.set(hash, 8)
  return bytes
}
