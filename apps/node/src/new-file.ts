import { link, lstat, open, rename, unlink } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import { nodeRandom } from '@ethwire/io/node'
import { codeOf, NodeError, type NodeErrorCode, reasonOf } from './errors.ts'

export interface NewFileOptions {
  /** Replaces a file that is there. */
  readonly force: boolean
  readonly gzip?: boolean
  /** Permissions; default what the process gives its files. */
  readonly mode?: number
  /** The code of errors; default `NODE_CHAIN_FILE`. */
  readonly code?: NodeErrorCode
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes a file whole or not at all: beside, synced, then moved into place.
 * @throws NodeError with `options.code`; what the source throws; the signal's reason. Nothing is left then.
 */
export async function writeNewFile(
  path: string,
  source: AsyncIterable<Uint8Array>,
  options: NewFileOptions,
): Promise<void> {
  const { force, gzip = false, mode = 0o666, code = 'NODE_CHAIN_FILE', signal } = options
  await refuseWhatIsThere(path, force, code)
  const draft = `${path}.${Buffer.from(nodeRandom.bytes(8)).toString('hex')}.tmp`
  const file = await open(draft, 'wx', mode).catch((error: unknown) => {
    throw writeError(path, error, code)
  })
  try {
    try {
      // Errors of all stages come out of the last one.
      for await (const chunk of gzip ? pipeline(source, createGzip(), () => {}) : source) {
        signal?.throwIfAborted()
        await file.writeFile(chunk as Uint8Array)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await moveIntoPlace(draft, path, force, code)
  } catch (error) {
    await unlink(draft).catch(() => undefined)
    throw systemCodes.has(codeOf(error) ?? '') ? writeError(path, error, code) : error
  }
}

async function refuseWhatIsThere(path: string, force: boolean, code: NodeErrorCode): Promise<void> {
  const there = await lstat(path).catch(() => undefined)
  if (there === undefined) return
  if (!there.isFile()) throw new NodeError(code, `cannot write ${path}: it is there, and no plain file`)
  if (!force) throw existsError(path, code)
}

/** A link, unlike a move, never replaces what somebody has put there meanwhile. */
async function moveIntoPlace(draft: string, path: string, force: boolean, code: NodeErrorCode): Promise<void> {
  if (force) return await rename(draft, path)
  try {
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw existsError(path, code)
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error) ?? '')) throw error
    // No links on this file system.
    return await rename(draft, path)
  }
  await unlink(draft)
}

const systemCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'EACCES', 'EPERM', 'EROFS'])

function existsError(path: string, code: NodeErrorCode): NodeError {
  return new NodeError(code, `${path} is there already; choose another name, or replace it with --force`)
}

function writeError(path: string, error: unknown, code: NodeErrorCode): NodeError {
  return new NodeError(code, `cannot write ${path}: ${reasonOf(error)}`, { cause: error })
}
