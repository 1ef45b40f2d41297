import { headerParentHash } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import { asBytes, type ChainDatabase, getRow, type Operation } from './database.ts'
import { ChainStoreError } from './errors.ts'
import { metaKeys, numberKey, readNumber, writeNumber } from './keys.ts'
import { owned } from './owned.ts'
import type { BlockRef, Skeleton, SkeletonStore, StoredHeader } from './types.ts'
import type { WriteQueue } from './write-queue.ts'

/** The skeleton as the rest of the store needs it. */
export interface SkeletonArea extends SkeletonStore {
  /** What to add to the batch that moves the chain's head to this block, within the queue. */
  filledBy(head: BlockRef): Promise<Filling>
}

interface Filling {
  readonly operations: readonly Operation[]
  /** To be called when the batch is written. */
  applied(): void
}

const nothing: Filling = { operations: [], applied: () => undefined }

/** Numbers are far below: a range up to here is all of a table. */
const endOfTable = Number.MAX_SAFE_INTEGER

/** Reads the skeleton that a former run left. What a crash left outside its bounds is removed. */
export async function openSkeleton(db: ChainDatabase, queue: WriteQueue): Promise<SkeletonArea> {
  const stored = await db.get(metaKeys.skeleton, asBytes)
  let skeleton = stored === undefined ? undefined : decodeSkeleton(stored)
  await clearOutside(db, skeleton)

  const add = (headers: readonly StoredHeader[], next: Skeleton): Operation[] => [
    ...headers.map(
      (entry): Operation => ({ type: 'put', key: numberKey('skeleton', entry.number), value: pack(entry) }),
    ),
    { type: 'put', key: metaKeys.skeleton, value: encodeSkeleton(next) },
  ]

  return {
    skeleton: () => skeleton,

    startSkeleton: (head) =>
      queue.run(async () => {
        const ref = { number: head.number, hash: owned(head.hash) }
        const next = { head: ref, tail: head.number, parentHash: owned(headerParentHash(head.header)) }
        await db.batch(add([head], next), asBytes)
        skeleton = next
        await clearOutside(db, next)
      }),

    extendSkeleton: (headers) =>
      queue.run(async () => {
        const last = headers.at(-1)
        if (last === undefined) return
        if (skeleton === undefined) throw new ChainStoreError('STORE_NOT_LINKED', 'there is no skeleton to extend')
        checkLinks(skeleton, headers)
        const next = { head: skeleton.head, tail: last.number, parentHash: owned(headerParentHash(last.header)) }
        await db.batch(add(headers, next), asBytes)
        skeleton = next
      }),

    async skeletonHeaders(from, count) {
      if (skeleton === undefined || count <= 0) return []
      // Without its first header a range would seem to begin elsewhere.
      if (from < skeleton.tail) return []
      const end = Math.min(from + count, skeleton.head.number + 1)
      const keys: Uint8Array[] = []
      for (let number = from; number < end; number++) keys.push(numberKey('skeleton', number))
      const rows = await getRow(db, keys)
      return rows.map((value, index) => unpack(from + index, value))
    },

    dropSkeleton: () =>
      queue.run(async () => {
        await db.batch([{ type: 'del', key: metaKeys.skeleton }], asBytes)
        skeleton = undefined
        await clearOutside(db, undefined)
      }),

    async filledBy(head) {
      const before = skeleton
      if (before === undefined || head.number < before.tail) return nothing
      if (head.number >= before.head.number) {
        return {
          operations: [...removal(before.tail, before.head.number), { type: 'del', key: metaKeys.skeleton }],
          applied: () => {
            skeleton = undefined
          },
        }
      }
      const row = await db.get(numberKey('skeleton', head.number + 1), asBytes)
      if (row === undefined) throw new ChainStoreError('STORE_CORRUPT', `skeleton header ${head.number + 1} is missing`)
      const parentHash = headerParentHash(unpack(head.number + 1, row).header).slice()
      // Blocks of another branch fill nothing.
      if (!equalBytes(parentHash, head.hash)) return nothing
      const next = { head: before.head, tail: head.number + 1, parentHash }
      return {
        operations: [
          ...removal(before.tail, head.number),
          { type: 'put', key: metaKeys.skeleton, value: encodeSkeleton(next) },
        ],
        applied: () => {
          skeleton = next
        },
      }
    },
  }
}

function removal(from: number, to: number): Operation[] {
  const operations: Operation[] = []
  for (let number = from; number <= to; number++) operations.push({ type: 'del', key: numberKey('skeleton', number) })
  return operations
}

function checkLinks(skeleton: Skeleton, headers: readonly StoredHeader[]): void {
  let { tail: number, parentHash } = skeleton
  for (const entry of headers) {
    if (entry.number !== number - 1 || !equalBytes(entry.hash, parentHash)) {
      throw new ChainStoreError('STORE_NOT_LINKED', `header ${entry.number} is not the parent of header ${number}`)
    }
    number = entry.number
    parentHash = headerParentHash(entry.header)
  }
}

async function clearOutside(db: ChainDatabase, skeleton: Skeleton | undefined): Promise<void> {
  const clear = (from: number, to: number): Promise<void> =>
    db.clear({ gte: numberKey('skeleton', from), lt: numberKey('skeleton', to), keyEncoding: 'view' })
  if (skeleton === undefined) return clear(0, endOfTable)
  await clear(0, skeleton.tail)
  await clear(skeleton.head.number + 1, endOfTable)
}

/** The hash before the header, so that it need not be computed again. */
function pack({ hash, header }: StoredHeader): Uint8Array {
  const value = new Uint8Array(32 + header.length)
  value.set(hash)
  value.set(header, 32)
  return value
}

function unpack(number: number, value: Uint8Array): StoredHeader {
  return { number, hash: value.subarray(0, 32), header: value.subarray(32) }
}

const skeletonBytes = 80

function encodeSkeleton({ head, tail, parentHash }: Skeleton): Uint8Array {
  const bytes = new Uint8Array(skeletonBytes)
  writeNumber(bytes, 0, head.number)
  bytes.set(head.hash, 8)
  writeNumber(bytes, 40, tail)
  bytes.set(parentHash, 48)
  return bytes
}

function decodeSkeleton(bytes: Uint8Array): Skeleton {
  if (bytes.length !== skeletonBytes) throw new ChainStoreError('STORE_CORRUPT', 'the skeleton record has a wrong size')
  return {
    head: { number: readNumber(bytes, 0), hash: bytes.slice(8, 40) },
    tail: readNumber(bytes, 40),
    parentHash: bytes.slice(48, 80),
  }
}
