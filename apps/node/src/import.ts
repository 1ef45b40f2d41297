import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import {
  type BlockParts,
  ChainError,
  createBlockFileDecoder,
  decodeHeader,
  type HashedHeader,
  verifyBody,
  verifyHeader,
} from '@ethwire/chain'
import type { ChainStore, StoredBlock } from '@ethwire/chain-store'
import { type Crypto, equalBytes } from '@ethwire/crypto'
import type { Logger } from '@ethwire/io'
import { nodeClock } from '@ethwire/io/node'
import { openChain } from './chain.ts'
import { chooseCrypto } from './crypto-choice.ts'
import { prepareDatadir } from './data-directory.ts'
import { codeOf, NodeError, reasonOf } from './errors.ts'
import { createImportProgress, type ImportProgress } from './import-progress.ts'
import { loadNetwork } from './network.ts'
import { type ChainOptions, datadirOf, networkChoice } from './options/common.ts'
import { isDiskFull } from './patient-database.ts'
import { createShutdown } from './shutdown.ts'
import { createTerminal } from './terminal.ts'

/** `ethwire import FILE` */
export async function importFile(file: string, options: ChainOptions): Promise<number> {
  const datadir = datadirOf(options)
  if (datadir === undefined)
    throw new NodeError('NODE_USAGE', 'import needs a --datadir: in memory nothing would be left of it')
  await using terminal = await createTerminal({ verbosity: options.verbosity, clock: nodeClock })
  const { logger } = terminal
  const crypto = chooseCrypto(logger)
  const network = await loadNetwork(networkChoice(options), crypto)
  await prepareDatadir(datadir)
  using shutdown = createShutdown(nodeClock, logger)
  await using chain = await openChain(datadir, network, { logger })
  const progress = await createImportProgress({ file, terminal, clock: nodeClock })
  const { store } = chain
  try {
    const { config } = network
    const result = await importBlocks(file, { store, crypto, config, logger, progress, signal: shutdown.signal })
    progress.done()
    const head = store.head()
    logger.info(
      { ...result, head: head.number, hash: head.hash },
      shutdown.signal.aborted ? 'Import interrupted' : 'Import done; without receipts, as nothing is executed',
    )
    return shutdown.signal.aborted ? 130 : 0
  } finally {
    progress.done()
  }
}

export interface ImportOptions {
  readonly store: ChainStore
  readonly crypto: Crypto
  readonly config: Parameters<typeof verifyHeader>[2]
  readonly logger: Logger
  readonly progress?: Pick<ImportProgress, 'read' | 'stored'>
  readonly signal?: AbortSignal
}

export interface ImportResult {
  readonly imported: number
  /** Blocks of the file that were there already. */
  readonly skipped: number
}

/** Blocks that go into the store in one write, and the bytes that end a batch earlier. */
const batchBlocks = 512
const batchBytes = 8 * 1024 * 1024

/**
 * Reads a file of blocks, gzipped or not, checks each against its parent and its roots and appends it. What is there
 * already is skipped, so that an import that was cut off can be repeated. Ends early, but cleanly, when the signal aborts.
 * @throws NodeError `NODE_CHAIN_FILE` with the block's number; blocks before it are stored
 */
export async function importBlocks(file: string, options: ImportOptions): Promise<ImportResult> {
  const { store, progress, signal } = options
  const decoder = createBlockFileDecoder()
  const blocks = createBlockCheck(options)
  let imported = 0
  let skipped = 0
  // bounded: batchBlocks, and batchBytes plus the blocks of one chunk
  let batch: StoredBlock[] = []
  let bytes = 0
  let storeFailed = false
  const flush = async (): Promise<void> => {
    storeFailed = true
    await store.append(batch)
    storeFailed = false
    imported += batch.length
    const last = batch.at(-1)
    if (last !== undefined) progress?.stored(last.number, imported)
    batch = []
    bytes = 0
  }
  try {
    for await (const chunk of readChunks(file, (count) => progress?.read(count))) {
      for (const parts of decoder.push(chunk)) {
        const block = await blocks.check(parts)
        if (block === undefined) {
          skipped++
          continue
        }
        batch.push(block)
        bytes += block.header.length + block.body.length
        if (batch.length >= batchBlocks || bytes >= batchBytes) await flush()
      }
      if (signal?.aborted) break
    }
    if (!signal?.aborted) decoder.end()
    await flush()
    return { imported, skipped }
  } catch (error) {
    // A store that refused a write must not be given another.
    if (!storeFailed) await flush()
    throw importError(file, error)
  }
}

interface BlockCheck {
  /** Undefined for a block that is stored already. @throws ChainError, NodeError */
  check(parts: BlockParts): Promise<StoredBlock | undefined>
}

/** Follows the file's blocks from the first that is not stored. */
function createBlockCheck({ store, crypto, config, logger }: ImportOptions): BlockCheck {
  let parent: HashedHeader | undefined
  return {
    async check(parts) {
      const header = decodeHeader(parts.header)
      const hash = crypto.keccak256(parts.header)
      const number = Number(header.number)
      if (parent === undefined) {
        const known = number <= store.head().number ? await store.hashByNumber(number) : undefined
        if (known !== undefined) {
          if (equalBytes(known, hash)) return undefined
          throw new NodeError(
            'NODE_CHAIN_FILE',
            `block ${number} is not the one that the data directory has: another chain, or a fork of it`,
          )
        }
        parent = await headOf(store)
        if (number !== store.head().number + 1) {
          throw new NodeError(
            'NODE_CHAIN_FILE',
            `the file goes on with block ${number}, but the data directory ends at ${store.head().number}`,
          )
        }
        logger.debug({ from: number }, 'First new block')
      }
      try {
        verifyHeader(header, parent, config)
        verifyBody(header, parts.body, crypto)
      } catch (error) {
        if (error instanceof ChainError)
          throw new NodeError('NODE_CHAIN_FILE', `block ${number}: ${error.code}, ${error.message}`, { cause: error })
        throw error
      }
      parent = { header, hash }
      return { number, hash, header: parts.header, body: parts.body }
    },
  }
}

async function headOf(store: ChainStore): Promise<HashedHeader> {
  const { hash } = store.head()
  const header = await store.headerByHash(hash)
  if (header === undefined) throw new NodeError('NODE_STORE_DAMAGED', 'the head of the chain has no header')
  return { header: decodeHeader(header), hash }
}

/** The file's bytes, unzipped if it begins like gzip; `onRead` hears of the bytes on disk. */
async function* readChunks(file: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const handle = await open(file)
  try {
    const { buffer: start } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    const source = counted(handle.createReadStream({ start: 0, highWaterMark: 256 * 1024, autoClose: false }), onRead)
    if (start[0] === 0x1f && start[1] === 0x8b) {
      // Errors of all stages come out of the last one.
      yield* pipeline(source, createGunzip(), () => {})
    } else {
      yield* source
    }
  } finally {
    await handle.close()
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    onRead(chunk.length)
    yield chunk
  }
}

function importError(file: string, error: unknown): unknown {
  if (error instanceof ChainError)
    return new NodeError('NODE_CHAIN_FILE', `${file}: ${error.message}`, { cause: error })
  if (error instanceof NodeError) return new NodeError(error.code, `${file}: ${error.message}`, { cause: error })
  if (isDiskFull(error))
    return new NodeError('NODE_STORE', 'no room on the disk; make some and import again, it goes on where it was', {
      cause: error,
    })
  const code = codeOf(error)
  if (code === 'ENOENT') return new NodeError('NODE_CHAIN_FILE', `there is no file ${file}`, { cause: error })
  if (code?.startsWith('Z_'))
    return new NodeError('NODE_CHAIN_FILE', `${file}: not a whole gzip file (${reasonOf(error)})`, { cause: error })
  if (code === 'EACCES' || code === 'EISDIR')
    return new NodeError('NODE_CHAIN_FILE', `cannot read ${file}: ${reasonOf(error)}`, { cause: error })
  return error
}
