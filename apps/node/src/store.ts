import { join } from 'node:path'
import type { AbstractLevel } from 'abstract-level'
import { makeDirectory } from './data-directory.ts'
import { codeOf, NodeError, reasonOf } from './errors.ts'

/** What both kinds of store are: bytes to bytes. */
export type Store = AbstractLevel<string | Buffer | Uint8Array, Uint8Array, Uint8Array>

const bytesToBytes = { keyEncoding: 'view', valueEncoding: 'view' } as const

/** `chaindata` in a data directory, beside and apart from geth's `geth/chaindata`. */
export function storePath(datadir: string): string {
  return join(datadir, 'ethwire', 'chaindata')
}

/**
 * Opens the store of a data directory, or one in memory if there is none.
 * @throws NodeError `NODE_STORE_LOCKED` if another process has it, `NODE_STORE_DAMAGED`, `NODE_STORE`
 */
export async function openStore(datadir: string | undefined): Promise<Store> {
  if (datadir === undefined) {
    const { MemoryLevel } = await import('memory-level')
    const store = new MemoryLevel<Uint8Array, Uint8Array>({ ...bytesToBytes, storeEncoding: 'view' })
    await store.open()
    return store
  }
  const path = storePath(datadir)
  const { ClassicLevel } = await import('classic-level')
  try {
    await makeDirectory(path)
    const store = new ClassicLevel<Uint8Array, Uint8Array>(path, bytesToBytes)
    await store.open()
    return store
  } catch (error) {
    throw storeError(path, '--datadir', error)
  }
}

/**
 * Nothing is made or changed where there is no whole store.
 * @throws NodeError `NODE_STORE_LOCKED` if another process has the store at this path
 */
export async function expectUnlocked(path: string, flag: StoreFlag): Promise<void> {
  const { ClassicLevel } = await import('classic-level')
  const store = new ClassicLevel<Uint8Array, Uint8Array>(path, { ...bytesToBytes, createIfMissing: false })
  try {
    await store.open()
  } catch (error) {
    const told = storeError(path, flag, error)
    if (told.code === 'NODE_STORE_LOCKED') throw told
  } finally {
    await store.close()
  }
}

/** The flag by which the user has chosen where a store is. */
export type StoreFlag = '--datadir' | '--nodedb'

/** Why a store cannot be opened that another process has. */
export function lockedError(path: string, flag: StoreFlag, cause: unknown): NodeError {
  const message = `${path} is in use by another process; stop it, or choose another ${flag}`
  return new NodeError('NODE_STORE_LOCKED', message, { cause })
}

function storeError(path: string, flag: StoreFlag, error: unknown): NodeError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  switch (codeOf(cause)) {
    case 'LEVEL_LOCKED':
      return lockedError(path, flag, error)
    case 'LEVEL_CORRUPTION':
      return new NodeError(
        'NODE_STORE_DAMAGED',
        `${path} is damaged; move it away and sync again (${reasonOf(cause)})`,
        {
          cause: error,
        },
      )
    default:
      return new NodeError('NODE_STORE', `cannot open ${path}: ${reasonOf(cause)}`, { cause: error })
  }
}
