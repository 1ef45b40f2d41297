import { ChainError, decodeHeader, encodeBlock, verifyBody } from '@ethwire/chain'
import type { ChainStoreReader } from '@ethwire/chain-store'
import { type Crypto, equalBytes } from '@ethwire/crypto'
import { nodeClock } from '@ethwire/io/node'
import { openChain } from './chain.ts'
import { chooseCrypto } from './crypto-choice.ts'
import { NodeError } from './errors.ts'
import { createExportProgress, type ExportProgress } from './export-progress.ts'
import { loadNetwork } from './network.ts'
import { writeNewFile } from './new-file.ts'
import { datadirOf, networkChoice } from './options/common.ts'
import type { ExportCommandOptions } from './options/export-options.ts'
import { createShutdown } from './shutdown.ts'
import { createTerminal } from './terminal.ts'

/** Block numbers, both inclusive; all that there is where they are left out. */
export interface ExportRange {
  readonly first?: number | undefined
  readonly last?: number | undefined
}

/** `ethwire export FILE [FIRST [LAST]]` */
export async function exportFile(file: string, range: ExportRange, options: ExportCommandOptions): Promise<number> {
  const datadir = datadirOf(options)
  if (datadir === undefined) throw new NodeError('NODE_USAGE', 'export needs a --datadir: in memory there is nothing')
  await using terminal = await createTerminal({ verbosity: options.verbosity, clock: nodeClock })
  const { logger } = terminal
  const crypto = chooseCrypto(logger)
  const network = await loadNetwork(networkChoice(options), crypto)
  using shutdown = createShutdown(nodeClock, logger)
  await using chain = await openChain(datadir, network)
  const { first, last } = wholeRange(range, chain.store)
  const progress = createExportProgress({ total: last - first + 1, terminal, clock: nodeClock })
  try {
    const blocks = exportBlocks({ first, last }, { store: chain.store, crypto, progress })
    const { signal } = shutdown
    await writeNewFile(file, blocks, { force: options.force === true, gzip: file.endsWith('.gz'), signal })
    progress.done()
    logger.info({ file, first, last, blocks: last - first + 1 }, 'Export done')
    return 0
  } catch (error) {
    if (!shutdown.signal.aborted) throw error
    progress.done()
    logger.info({ file }, 'Export interrupted; nothing is left of it')
    return 130
  } finally {
    progress.done()
  }
}

/** @throws NodeError `NODE_USAGE` for blocks that are not there */
export function wholeRange(range: ExportRange, store: ChainStoreReader): WholeRange {
  const [earliest, head] = [store.earliest(), store.head().number]
  const { first = earliest, last = head } = range
  if (last > head) throw new NodeError('NODE_USAGE', `block ${last} is beyond the head, which is block ${head}`)
  if (first < earliest) throw new NodeError('NODE_USAGE', `block ${first} is before the first, which is ${earliest}`)
  if (first > last) throw new NodeError('NODE_USAGE', `the first block, ${first}, is after the last, ${last}`)
  return { first, last }
}

interface WholeRange {
  readonly first: number
  readonly last: number
}

export interface ExportOptions {
  readonly store: ChainStoreReader
  readonly crypto: Crypto
  readonly progress?: Pick<ExportProgress, 'read'>
}

/** Blocks that are read at once, and the bytes that make the next reads smaller. */
const maxBatchBlocks = 128
const batchBytes = 8 * 1024 * 1024

/**
 * The blocks as geth's `export` writes them, `[header, transactions, ommers, withdrawals?]` in RLP one after the other.
 * Each is what its hash and its roots say: a damaged store is not passed on.
 * @throws NodeError `NODE_STORE_DAMAGED` with the block's number
 */
export async function* exportBlocks(range: WholeRange, options: ExportOptions): AsyncGenerator<Uint8Array> {
  const { store, progress } = options
  let parentHash: Uint8Array | undefined
  // What is in memory follows the size of the blocks: a batch is as many as would have filled it by the last one's.
  let count = 1
  for (let number = range.first; number <= range.last; ) {
    const hashes = await store.hashRange(number, Math.min(count, range.last - number + 1))
    if (hashes.length === 0) throw damaged(number, 'it is not there')
    const [headers, bodies] = await Promise.all([store.headers(hashes), store.bodies(hashes)])
    const blocks = hashes.map((hash, i) => {
      const block = checkedBlock(number + i, hash, headers[i], bodies[i], parentHash, options.crypto)
      parentHash = hash
      return block
    })
    const bytes = Buffer.concat(blocks)
    yield bytes
    number += hashes.length
    progress?.read(number - range.first)
    const fitting = Math.floor((batchBytes * hashes.length) / bytes.length)
    count = Math.max(1, Math.min(maxBatchBlocks, 2 * count, fitting))
  }
}

function checkedBlock(
  number: number,
  hash: Uint8Array,
  header: Uint8Array | undefined,
  body: Uint8Array | undefined,
  parentHash: Uint8Array | undefined,
  crypto: Crypto,
): Uint8Array {
  if (header === undefined) throw damaged(number, 'its header is not there')
  if (body === undefined) throw damaged(number, 'its body is not there')
  if (!equalBytes(crypto.keccak256(header), hash)) throw damaged(number, 'its header is not the one of its hash')
  try {
    const decoded = decodeHeader(header)
    if (decoded.number !== BigInt(number)) throw damaged(number, 'its header has another number')
    if (parentHash !== undefined && !equalBytes(decoded.parentHash, parentHash))
      throw damaged(number, 'it does not follow the one before')
    verifyBody(decoded, body, crypto)
  } catch (error) {
    if (error instanceof ChainError) throw damaged(number, error.message, error)
    throw error
  }
  return encodeBlock({ header, body })
}

function damaged(number: number, problem: string, cause?: unknown): NodeError {
  const message = `block ${number} of the store is damaged: ${problem}; move the store away and sync again`
  return new NodeError('NODE_STORE_DAMAGED', message, { cause })
}
