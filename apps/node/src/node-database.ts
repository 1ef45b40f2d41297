import { join } from 'node:path'
import type { Crypto } from '@ethwire/crypto'
import type { Clock, Logger, Metrics, Random } from '@ethwire/io'
import { createNodeDatabase, type NodeDatabase, NodeDatabaseError, type NodeStore } from '@ethwire/nodedb'
import { makeDirectory } from './data-directory.ts'
import { NodeError, reasonOf } from './errors.ts'
import { createPatientDatabase, isDiskFull } from './patient-database.ts'
import { quarantine } from './quarantine.ts'
import { expectUnlocked, lockedError, type StoreFlag } from './store.ts'
import { checkStoreFiles } from './store-files/check.ts'

export interface OpenNodeDatabaseOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly crypto?: Crypto
  readonly metrics?: Metrics
  /** How often room is looked for on a full disk. Default 30 s. */
  readonly retryMs?: number
}

/** `nodes` in a data directory, beside and apart from geth's `geth/nodes`. */
export function nodeDatabasePath(datadir: string): string {
  return join(datadir, 'nodes')
}

/**
 * Opens the node database of a data directory, or one in memory if there is none. A damaged one is moved aside, and a new
 * one begins; with no room to open it, the nodes are kept in memory.
 * @throws NodeError `NODE_STORE_LOCKED` if another process has it, `NODE_STORE` for one of a later version, or one that
 * cannot be opened
 */
export function openNodeDatabase(datadir: string | undefined, options: OpenNodeDatabaseOptions): Promise<NodeDatabase> {
  return openNodeDatabaseAt(datadir === undefined ? undefined : nodeDatabasePath(datadir), '--datadir', options)
}

/** The same for a database in a directory of its own, which a flag names. @throws NodeError */
export async function openNodeDatabaseAt(
  path: string | undefined,
  flag: StoreFlag,
  options: OpenNodeDatabaseOptions,
): Promise<NodeDatabase> {
  if (path === undefined) return createNodeDatabase(undefined, options)
  const { logger } = options
  const moveAside = async (file: string, problem: string): Promise<void> => {
    const moved = await quarantine(path)
    logger.error({ file, problem, moved }, 'Node database damaged: moved aside, a new one begins')
  }
  try {
    const found = await checkStoreFiles(path)
    if (found !== undefined) {
      // Another process that is writing to it makes it look damaged.
      await expectUnlocked(path, flag)
      const { file, problem, harmless } = found
      if (harmless) logger.warn({ file, problem }, 'Node database file cut off, as by a crash: nodes are found again')
      else await moveAside(file, problem)
    }
    try {
      return await openOnce(path, options)
    } catch (error) {
      if (!isDamage(error)) throw error
      await moveAside(path, problemOf(error))
      return await openOnce(path, options)
    }
  } catch (error) {
    if (!isDiskFull(innermost(error))) throw asNodeError(path, flag, error)
    logger.warn({ path, error: innermost(error) }, 'No room to open the node database: nodes are kept in memory')
    return createNodeDatabase(undefined, options)
  }
}

/** @throws NodeDatabaseError, and what the file system says */
async function openOnce(path: string, options: OpenNodeDatabaseOptions): Promise<NodeDatabase> {
  const { clock, logger, retryMs = 30_000 } = options
  const { ClassicLevel } = await import('classic-level')
  await makeDirectory(path)
  const db = new ClassicLevel<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view' })
  const ending = new AbortController()
  // The node database says itself that it fails, and that it works again.
  const note: Logger['debug'] = (fields, message) => logger.debug(fields, message)
  const quiet: Logger = { trace: note, debug: note, info: note, warn: note, error: note }
  const store: NodeStore = {
    ...createPatientDatabase({ db, path, clock, logger: quiet, signal: ending.signal, retryMs }),
    close: async () => {
      ending.abort()
      await db.close()
    },
  }
  return createNodeDatabase(store, options)
}

function isDamage(error: unknown): boolean {
  return error instanceof NodeDatabaseError && (error.code === 'NODEDB_DAMAGED' || error.code === 'NODEDB_FOREIGN')
}

function problemOf(error: unknown): string {
  return error instanceof NodeDatabaseError && error.code === 'NODEDB_FOREIGN'
    ? 'it holds something else'
    : reasonOf(innermost(error))
}

/** What happened at first. */
function innermost(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? innermost(error.cause) : error
}

function asNodeError(path: string, flag: StoreFlag, error: unknown): unknown {
  if (error instanceof NodeError) return error
  const code = error instanceof NodeDatabaseError ? error.code : undefined
  if (code === 'NODEDB_LOCKED') return lockedError(path, flag, error)
  const message =
    code === 'NODEDB_NEWER'
      ? `${path}: ${reasonOf(error)}, or move it away`
      : `cannot open ${path}: ${reasonOf(innermost(error))}`
  return new NodeError('NODE_STORE', message, { cause: error })
}
