import { nodeClock } from '@ethwire/io/node'
import { NodeError } from './errors.ts'
import type { AttachOptions } from './options/peers-options.ts'
import { connectIpc, type IpcCall } from './rpc/ipc-client.ts'
import { ipcPathOf } from './rpc/ipc-path.ts'

/** Runs a step of a command that talks to a running node through its socket. @throws NodeError `NODE_IPC`, `NODE_USAGE` */
export async function attached(options: AttachOptions, step: (call: IpcCall) => Promise<void>): Promise<number> {
  const path = ipcPathOf(options)
  if (path === undefined)
    throw new NodeError('NODE_USAGE', 'without a data directory the socket has to be named: --ipcpath PATH')
  using client = await connectIpc(path, nodeClock)
  await step(client.call)
  return 0
}
