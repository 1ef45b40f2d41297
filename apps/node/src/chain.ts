import { type ChainStore, ChainStoreError, openChainStore } from '@ethwire/chain-store'
import type { Clock, Logger } from '@ethwire/io'
import { NodeError, reasonOf } from './errors.ts'
import type { ChosenNetwork } from './network.ts'
import { createPatientDatabase } from './patient-database.ts'
import { quarantine } from './quarantine.ts'
import { expectUnlocked, openStore, storePath } from './store.ts'
import { checkStoreFiles } from './store-files/check.ts'

/** The chain in its store; closing it closes both. */
export interface OpenChain extends AsyncDisposable {
  readonly store: ChainStore
}

export interface OpenChainOptions {
  /** Has a damaged store moved aside and a new one begun, which is said here. Without, damage is an error. */
  readonly logger?: Logger
  /** Has the store opened again when a disk that was full has room, until the signal aborts; reads go on meanwhile. */
  readonly patience?: { readonly clock: Clock; readonly signal: AbortSignal; readonly retryMs?: number }
}

/**
 * Opens a data directory's chain, or one in memory.
 * @throws NodeError `NODE_STORE_LOCKED`, `NODE_STORE_DAMAGED`, `NODE_STORE`, `NODE_GENESIS`
 */
export async function openChain(
  datadir: string | undefined,
  network: ChosenNetwork,
  options: OpenChainOptions = {},
): Promise<OpenChain> {
  const { logger } = options
  if (datadir === undefined || logger === undefined) return openOnce(datadir, network, options)
  const path = storePath(datadir)
  const moveAside = async (file: string, problem: string): Promise<void> => {
    const moved = await quarantine(path)
    logger.error({ file, problem, moved }, 'Store damaged: moved aside, a new one begins and is filled from peers')
  }
  const found = await checkStoreFiles(path)
  if (found !== undefined) {
    // Another process that is writing to it makes it look damaged.
    await expectUnlocked(path, '--datadir')
    const { file, problem, harmless } = found
    if (harmless) logger.warn({ file, problem }, 'Store file cut off, as by a crash: what is missing is fetched again')
    else await moveAside(file, problem)
  }
  try {
    return await openOnce(datadir, network, options)
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'NODE_STORE_DAMAGED') throw error
    await moveAside(path, reasonOf(innermost(error)))
    return openOnce(datadir, network, options)
  }
}

async function openOnce(
  datadir: string | undefined,
  network: ChosenNetwork,
  { logger, patience }: OpenChainOptions,
): Promise<OpenChain> {
  const path = datadir === undefined ? 'memory' : storePath(datadir)
  const db = await openStore(datadir)
  const patient =
    patience === undefined || logger === undefined ? db : createPatientDatabase({ ...patience, db, path, logger })
  try {
    const store = await openChainStore({ db: patient, genesis: network.genesis })
    return {
      store,
      [Symbol.asyncDispose]: async () => {
        await store.close()
        await db.close()
      },
    }
  } catch (error) {
    await db.close()
    throw chainError(error, path)
  }
}

/** What happened at first. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error
}

function chainError(error: unknown, path: string): unknown {
  if (!(error instanceof ChainStoreError)) return error
  switch (error.code) {
    case 'STORE_GENESIS':
      return new NodeError('NODE_GENESIS', `${path}: ${reasonOf(error)}; choose another --datadir`, { cause: error })
    case 'STORE_CORRUPT':
      return new NodeError(
        'NODE_STORE_DAMAGED',
        `${path} is damaged; move it away and sync again (${reasonOf(error)})`,
        {
          cause: error,
        },
      )
    default:
      return new NodeError('NODE_STORE', `${path}: ${reasonOf(error)}`, { cause: error })
  }
}
