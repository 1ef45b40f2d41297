import { randomBytes } from 'node:crypto'
import { devp2pPath } from './paths.ts'
import { freePorts, type RunningProcess, startProcess } from './resources.ts'
import { createRpc, type Rpc } from './rpc.ts'
import { until } from './until.ts'

/** geth's `devp2p discv4 listen`: a node that does discovery and nothing else. */
export interface Devp2pListen extends AsyncDisposable {
  readonly enode: string
  /** `discv4_self`, `discv4_buckets`, `discv4_lookupRandom`. */
  readonly rpc: Rpc
  logs(): string
}

/** Starts it on loopback, with the bootnodes that are given or none. */
export async function startDevp2pListen(options: { bootnodes?: readonly string[] } = {}): Promise<Devp2pListen> {
  const { bootnodes = [] } = options
  const [port, rpcPort] = await freePorts(2)
  // A key of our own choice: the tool makes a new one at each start.
  const key = randomBytes(32).toString('hex')
  const listener: RunningProcess = startProcess(devp2pPath, [
    ...['discv4', 'listen', '--nodekey', key, '--addr', `127.0.0.1:${port}`, '--extaddr', '127.0.0.1'],
    ...['--rpc', `127.0.0.1:${rpcPort}`, '--bootnodes', bootnodes.join(',')],
  ])
  const rpc = createRpc(() => `http://127.0.0.1:${rpcPort}`)
  const self = await until('devp2p discv4 listen answers', () => rpc<string>('discv4_self'), { timeoutMs: 15_000 })
  return { enode: self, rpc, logs: () => listener.logs(), [Symbol.asyncDispose]: () => listener.end('SIGKILL', 5_000) }
}
