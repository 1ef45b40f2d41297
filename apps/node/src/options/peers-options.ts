import type { Command } from 'commander'
import { defaultDatadir } from './common.ts'
import { notEmpty } from './parsers.ts'

/** How the commands that talk to a running node find it. */
export interface AttachOptions {
  readonly datadir: string
  readonly ipcpath?: string
}

/** The options of `ethwire peers`. */
export interface PeersOptions extends AttachOptions {
  readonly json?: true
}

export function addAttachOptions(command: Command): Command {
  return command
    .option('--datadir <dir>', 'the data directory of the running node', notEmpty, defaultDatadir)
    .option('--ipcpath <path>', "the node's socket; a bare name is in the data directory (default: ethwire.ipc there)")
}

export function addPeersOptions(command: Command): Command {
  return addAttachOptions(command).option('--json', 'all that admin_peers tells, as JSON')
}
