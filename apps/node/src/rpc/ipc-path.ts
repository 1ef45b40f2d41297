import { basename, join, resolve } from 'node:path'
import { NodeError } from '../errors.ts'

/** Where the socket is, by the flags. */
export interface IpcPathOptions {
  /** A path, or `memory`. */
  readonly datadir: string
  readonly ipcpath?: string
  readonly ipcdisable?: true
}

const defaultName = 'ethwire.ipc'

/**
 * The socket's path as geth finds it: a bare name is in the data directory. Undefined if there is to be none: when nobody
 * asked for one and there is no data directory, or no Unix sockets.
 * @throws NodeError `NODE_USAGE`
 */
export function ipcPathOf({ datadir, ipcpath, ipcdisable }: IpcPathOptions): string | undefined {
  if (ipcdisable && ipcpath !== undefined)
    throw new NodeError('NODE_USAGE', 'options --ipcdisable and --ipcpath are mutually exclusive')
  if (ipcdisable || ipcpath === '' || process.platform === 'win32') return undefined
  if (datadir === 'memory') return ipcpath === undefined ? undefined : resolve(ipcpath)
  const name = ipcpath ?? defaultName
  return resolve(basename(name) === name ? join(datadir, name) : name)
}
