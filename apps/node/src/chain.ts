import { type ChainStore, ChainStoreError, openChainStore } from '@ethwire/chain-store'
import { NodeError, reasonOf } from './errors.ts'
import type { ChosenNetwork } from './network.ts'
import { openStore, storePath } from './store.ts'

/** The chain in its store; closing it closes both. */
export interface OpenChain extends AsyncDisposable {
  readonly store: ChainStore
}

/**
 * Opens a data directory's chain, or one in memory.
 * @throws NodeError `NODE_STORE_LOCKED`, `NODE_STORE_DAMAGED`, `NODE_STORE`, `NODE_GENESIS`
 */
export async function openChain(datadir: string | undefined, network: ChosenNetwork): Promise<OpenChain> {
  const db = await openStore(datadir)
  try {
    const store = await openChainStore({ db, genesis: network.genesis })
    return {
      store,
      [Symbol.asyncDispose]: async () => {
        await store.close()
        await db.close()
      },
    }
  } catch (error) {
    await db.close()
    throw chainError(error, datadir === undefined ? 'memory' : storePath(datadir))
  }
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
