import { stripVTControlCharacters } from 'node:util'
import { attached } from './attach.ts'
import { NodeError } from './errors.ts'
import type { AttachOptions, PeersOptions } from './options/peers-options.ts'
import { printJson, printLine } from './output.ts'
import { peersTable } from './peers-table.ts'

/** `ethwire peers` */
export function listPeers(options: PeersOptions): Promise<number> {
  return attached(options, async (call) => {
    const peers = await call('admin_peers', [])
    if (!Array.isArray(peers)) throw new NodeError('NODE_IPC', 'admin_peers: expected a list of peers')
    if (options.json) await printJson(peers)
    else await printLine(shown(peersTable(peers)))
  })
}

/** Lines of a table are grey on a terminal, and plain where programs read them. */
function shown(table: string): string {
  return process.stdout.isTTY === true ? table : stripVTControlCharacters(table)
}

/** `ethwire add-peer NODE` */
export function addPeer(node: string, options: AttachOptions): Promise<number> {
  return attached(options, async (call) => {
    await call('admin_addPeer', [node])
    await printLine('Added. The node dials it, and again whenever it is gone; "ethwire peers" shows when it is there.')
  })
}

/** `ethwire remove-peer NODE` */
export function removePeer(node: string, options: AttachOptions): Promise<number> {
  return attached(options, async (call) => {
    await call('admin_removePeer', [node])
    await printLine('Removed. The node does not dial it any more.')
  })
}
