import { nodeClock } from '@ethwire/io/node'
import { NodeError } from './errors.ts'
import type { AttachOptions, PeersOptions } from './options/peers-options.ts'
import { peersJson, peersTable } from './peers-table.ts'
import { connectIpc, type IpcCall } from './rpc/ipc-client.ts'
import { ipcPathOf } from './rpc/ipc-path.ts'

/** `ethwire peers` */
export function listPeers(options: PeersOptions): Promise<number> {
  return attached(options, async (call) => {
    const peers = await call('admin_peers', [])
    if (!Array.isArray(peers)) throw new NodeError('NODE_IPC', 'admin_peers: expected a list of peers')
    print(options.json ? peersJson(peers) : peersTable(peers))
  })
}

/** `ethwire add-peer NODE` */
export function addPeer(node: string, options: AttachOptions): Promise<number> {
  return attached(options, async (call) => {
    await call('admin_addPeer', [node])
    print('Added. The node dials it, and again whenever it is gone; "ethwire peers" shows when it is there.')
  })
}

/** `ethwire remove-peer NODE` */
export function removePeer(node: string, options: AttachOptions): Promise<number> {
  return attached(options, async (call) => {
    await call('admin_removePeer', [node])
    print('Removed. The node does not dial it any more.')
  })
}

async function attached(options: AttachOptions, step: (call: IpcCall) => Promise<void>): Promise<number> {
  const path = ipcPathOf(options)
  if (path === undefined)
    throw new NodeError('NODE_USAGE', 'without a data directory the socket has to be named: --ipcpath PATH')
  using client = await connectIpc(path, nodeClock)
  await step(client.call)
  return 0
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
