import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, NodeError, reasonOf } from './errors.ts'

/**
 * Makes a directory, readable by the user alone, and those above it. Node's own `recursive` never ends where a file
 * system says of a directory that is there that it is not, as `/proc` does.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (await isDirectory(path)) return
    const parent = dirname(path)
    if (codeOf(error) !== 'ENOENT' || parent === path || (await isDirectory(parent))) throw error
    await makeDirectory(parent)
    await makeDirectory(path)
  }
}

/**
 * Makes sure that the data directory is there and can be written to, before anything else is made in it.
 * @throws NodeError `NODE_DATADIR`
 */
export async function prepareDatadir(datadir: string | undefined): Promise<void> {
  if (datadir === undefined) return
  try {
    await makeDirectory(datadir)
    await access(datadir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new NodeError('NODE_DATADIR', `cannot use the data directory ${datadir}: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() === true
}
