import { chmod, lstat, mkdtemp, rename, rm, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { makeDirectory } from '../data-directory.ts'
import { codeOf, NodeError, reasonOf } from '../errors.ts'

/** What the system's address of a Unix socket holds without its end. */
const maxPathBytes = process.platform === 'linux' ? 107 : 103
/** What it is called until it is where it belongs: `.iXXXXXX/s` beside it. */
const draftName = { directory: '.i', socket: 's', bytes: '/.iXXXXXX/s'.length }

/** Whether a socket can have this path at all. */
export function fitsSocket(path: string): boolean {
  const longest = Math.max(Buffer.byteLength(path), Buffer.byteLength(dirname(path)) + draftName.bytes)
  return longest <= maxPathBytes
}

/**
 * Makes a server listen on a Unix socket that nobody but this user can connect to, at no moment: it is bound in a
 * directory of its own, closed to others, and moved into place when its mode is right. What a dead process left there is
 * replaced. Returns what removes the socket, if it is still this one.
 * @throws NodeError `NODE_LISTEN`
 */
export async function listenPrivately(server: Server, path: string): Promise<() => Promise<void>> {
  if (!fitsSocket(path)) throw listenError(path, `the path is too long for a socket; choose a shorter --ipcpath`)
  const directory = dirname(path)
  try {
    await makeDirectory(directory)
    await refuseWhatIsThere(path)
    const draftDirectory = await mkdtemp(join(directory, draftName.directory))
    try {
      const draft = join(draftDirectory, draftName.socket)
      await listen(server, draft)
      await chmod(draft, 0o600)
      const { dev, ino } = await lstat(draft)
      await rename(draft, path)
      return () => removeIf(path, (there) => there.dev === dev && there.ino === ino)
    } finally {
      await rm(draftDirectory, { recursive: true, force: true })
    }
  } catch (error) {
    server.close()
    throw error instanceof NodeError ? error : listenError(path, reasonOf(error), error)
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Only the socket of a process that is gone may be replaced. */
async function refuseWhatIsThere(path: string): Promise<void> {
  const there = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (there === undefined) return
  if (!there.isSocket()) throw listenError(path, 'there is a file of this name, which is no socket')
  const outcome = await tryConnecting(path)
  if (outcome === 'connected' || outcome === 'EAGAIN')
    throw listenError(path, 'another process listens there; stop it, or choose another --ipcpath')
  if (outcome !== 'ECONNREFUSED' && outcome !== 'ENOENT')
    throw listenError(path, `there is a socket of somebody else (${outcome})`)
}

/** `connected`, or the system's code of why not. */
function tryConnecting(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve('connected')
    })
    socket.once('error', (error) => resolve(codeOf(error) ?? 'unknown'))
  })
}

async function removeIf(path: string, isOurs: (there: { dev: number; ino: number }) => boolean): Promise<void> {
  try {
    if (isOurs(await lstat(path))) await unlink(path)
  } catch (error) {
    // Somebody else has removed it, or it cannot be removed; the next start finds nobody behind it.
    if (codeOf(error) === undefined) throw error
  }
}

function listenError(path: string, problem: string, cause?: unknown): NodeError {
  return new NodeError('NODE_LISTEN', `cannot serve JSON-RPC on ${path}: ${problem}`, { cause })
}
