import { equalBytes } from '@ethwire/crypto'
import { type Logger, silentLogger } from '@ethwire/io'
import { bytesToHex } from '@noble/hashes/utils.js'
import { asBytes, type ChainDatabase, withPlainArrays } from './database.ts'
import { ChainStoreError } from './errors.ts'
import { metaKeys, numberKey, readNumber, schemaVersion } from './keys.ts'
import { createNumberCache } from './number-cache.ts'
import { createReader } from './reader.ts'
import { openSkeleton } from './skeleton.ts'
import { createState, toHead } from './state.ts'
import type { ChainHead, ChainStore } from './types.ts'
import { createWriteQueue } from './write-queue.ts'
import { blockOperations, createWriter, encodeRef } from './writer.ts'

export interface ChainStoreOptions {
  /** Any abstract-level 3 database or sublevel that holds nothing else. */
  readonly db: ChainDatabase
  /** Block 0, as `genesisBlock` of `@ethwire/chain` makes it. */
  readonly genesis: { readonly hash: Uint8Array; readonly header: Uint8Array; readonly body: Uint8Array }
  /** How many hashes seen last keep their number in memory. Default 8192, about 1 MB. */
  readonly cachedHashes?: number
  /** Hears what a listener of `onHead` throws. Default: silent. */
  readonly logger?: Pick<Logger, 'error'>
}

/** The RLP of an empty list: no receipts. */
const noReceipts = Uint8Array.of(0xc0)

/**
 * Opens the chain in a database; an empty one begins with the genesis.
 * @throws ChainStoreError `STORE_VERSION`, `STORE_GENESIS`, `STORE_CORRUPT`; the database's own errors
 *
 * @example
 * import { genesisBlock, hoodi } from '@ethwire/chain'
 * import { openChainStore } from '@ethwire/chain-store'
 * import { MemoryLevel } from 'memory-level'
 *
 * const store = await openChainStore({ db: new MemoryLevel(), genesis: genesisBlock(hoodi.genesis) })
 * console.log(store.head().number, await store.headerRange(0, 512))
 * await store.close()
 */
export async function openChainStore(options: ChainStoreOptions): Promise<ChainStore> {
  const { genesis, logger = silentLogger } = options
  const db = withPlainArrays(options.db)
  await db.open()
  const state = createState(await readHead(db, genesis), (err) =>
    logger.error({ err }, 'A listener of the head failed'),
  )
  const queue = createWriteQueue()
  const cache = createNumberCache(options.cachedHashes ?? 8192)
  const skeleton = await openSkeleton(db, queue)
  const reader = createReader(db, genesis.hash, state, cache)
  const close = (): Promise<void> => queue.close()
  return {
    ...reader,
    ...createWriter({ db, queue, state, cache, skeleton, reader }),
    skeleton: skeleton.skeleton,
    startSkeleton: skeleton.startSkeleton,
    extendSkeleton: skeleton.extendSkeleton,
    skeletonHeaders: skeleton.skeletonHeaders,
    dropSkeleton: skeleton.dropSkeleton,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function readHead(db: ChainDatabase, genesis: ChainStoreOptions['genesis']): Promise<ChainHead> {
  const [version, genesisHash, head] = await db.getMany([metaKeys.version, metaKeys.genesis, metaKeys.head], asBytes)
  if (version === undefined) return begin(db, genesis)
  if (version[0] !== schemaVersion) {
    throw new ChainStoreError(
      'STORE_VERSION',
      `expected a store of version ${schemaVersion}, got ${version[0]}; sync anew`,
    )
  }
  if (genesisHash === undefined || head?.length !== 40)
    throw new ChainStoreError('STORE_CORRUPT', 'genesis or head is missing')
  if (!equalBytes(genesisHash, genesis.hash)) {
    const [stored, given] = [bytesToHex(genesisHash), bytesToHex(genesis.hash)]
    throw new ChainStoreError('STORE_GENESIS', `the store holds the chain of genesis 0x${stored}, not of 0x${given}`)
  }
  const ref = { number: readNumber(head, 0), hash: head.slice(8) }
  const [hash, header] = await db.getMany([numberKey('hash', ref.number), numberKey('header', ref.number)], asBytes)
  if (hash === undefined || header === undefined || !equalBytes(hash, ref.hash)) {
    throw new ChainStoreError('STORE_CORRUPT', `the head points to block ${ref.number}, which is not there`)
  }
  return toHead(ref, header)
}

async function begin(db: ChainDatabase, { hash, header, body }: ChainStoreOptions['genesis']): Promise<ChainHead> {
  const head = toHead({ number: 0, hash }, header)
  await db.batch(
    [
      { type: 'put', key: metaKeys.version, value: Uint8Array.of(schemaVersion) },
      { type: 'put', key: metaKeys.genesis, value: hash },
      { type: 'put', key: metaKeys.head, value: encodeRef(head) },
      ...blockOperations({ number: 0, hash, header, body, receipts: noReceipts }),
    ],
    asBytes,
  )
  return head
}
