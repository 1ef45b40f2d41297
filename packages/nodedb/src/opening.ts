import type { Logger } from '@ethwire/io'
import { decode, encode, u32 } from '@ethwire/rlp-codec'
import { NodeDatabaseError } from './errors.ts'
import { everything, rangeOf, versionKey } from './keys.ts'
import { asBytes, type NodeStore, syncedBytes } from './node-store.ts'
import type { StoreHealth } from './store-health.ts'

/** Raised with each change of what is written. */
const schemaVersion = 1

/**
 * Opens the store and sees to it that it is one of this version. What a later version wrote is left as it is. Of an
 * earlier one nodes are forgotten, as geth does, but not the local sequence numbers, whose form never changes.
 * @throws NodeDatabaseError
 */
export async function openStore(store: NodeStore, health: StoreHealth, logger: Logger): Promise<void> {
  try {
    await store.open()
    const version = await readVersion(store)
    if (version === schemaVersion) return
    if (version !== undefined) {
      if (version > schemaVersion) {
        const message = `the node database has the schema ${version}, and this program knows those up to ${schemaVersion}; use a later version of it`
        throw new NodeDatabaseError('NODEDB_NEWER', message)
      }
      logger.info({ version, schemaVersion }, 'A node database of an earlier schema: its nodes are forgotten')
      for (const table of ['node', 'contacts'] as const) await store.clear({ ...rangeOf(table), keyEncoding: 'view' })
    }
  } catch (error) {
    throw openError(error)
  }
  try {
    await store.batch([{ type: 'put', key: versionKey, value: encode(u32, schemaVersion) }], syncedBytes)
  } catch (error) {
    // Not even this: nothing else will be written either.
    health.failed(error)
  }
}

/** Undefined for a new store. */
async function readVersion(store: NodeStore): Promise<number | undefined> {
  const value = await store.get(versionKey, asBytes)
  if (value === undefined) {
    const [row] = await store.iterator({ ...everything, limit: 1, ...asBytes }).all()
    if (row === undefined) return undefined
    throw new NodeDatabaseError('NODEDB_FOREIGN', 'the database holds something other than nodes; give one of its own')
  }
  try {
    return decode(u32, value)
  } catch (cause) {
    throw new NodeDatabaseError('NODEDB_DAMAGED', 'the node database has no readable schema version', { cause })
  }
}

/** As a reason to stop: abstract-level's codes are a contract, its messages are not. */
export function openError(error: unknown): NodeDatabaseError {
  if (error instanceof NodeDatabaseError) return error
  const codes = codesOf(error)
  if (codes.has('LEVEL_LOCKED'))
    return new NodeDatabaseError('NODEDB_LOCKED', 'the node database is in use by another process', { cause: error })
  if (codes.has('LEVEL_CORRUPTION'))
    return new NodeDatabaseError('NODEDB_DAMAGED', 'the node database is damaged', { cause: error })
  return new NodeDatabaseError('NODEDB_OPEN', 'the node database cannot be opened', { cause: error })
}

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): Set<unknown> {
  const codes = new Set<unknown>()
  let one = error
  for (let depth = 0; depth < 8 && one instanceof Error; depth++) {
    if ('code' in one) codes.add(one.code)
    one = one.cause
  }
  return codes
}
