import { join } from 'node:path'
import type { Clock } from '@ethwire/io'
import { NodeError } from '../errors.ts'
import { packageFile } from '../package-file.ts'
import { type NodeProcess, runToEnd, startProcess } from './node-process.ts'
import { type NodeState, type WatchedNode, watchNode } from './watched-node.ts'

export interface DevnetNetworkOptions {
  readonly count: number
  /** Holds the nodes' data directories. */
  readonly directory: string
  readonly verbosity: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The nodes of a devnet, as they come up. */
export interface DevnetNetwork {
  states(): NodeState[]
  /** Height of the sample chain; 0 until it is imported. */
  target(): number
  poll(): Promise<void>
  /** Resolves when all nodes run; rejects when one fails, now or later. */
  readonly started: Promise<void>
  /** Rejects when a node ends that was not asked to. */
  readonly broken: Promise<never>
  stop(): Promise<void>
}

const sampleChain = packageFile('sample-chain/chain.rlp.gz')
const genesis = packageFile('sample-chain/genesis.json')

/**
 * Starts the nodes on loopback. The first imports the sample chain and is the bootnode: the others are told it and nothing
 * more, find each other through it, and learn of the head from whom they find.
 */
export function startNetwork({ count, directory, verbosity, clock, signal }: DevnetNetworkOptions): DevnetNetwork {
  const names = Array.from({ length: count }, (_, index) => `node-${index + 1}`)
  const processes: NodeProcess[] = [] // bounded: count
  const watched = new Map<string, WatchedNode>() // bounded: count
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  const closing = new AbortController()
  const ending = AbortSignal.any([signal, closing.signal])
  let target = 0

  async function startNode(name: string, bootnode?: string): Promise<string> {
    const nodeDirectory = join(directory, name)
    const isSource = name === names[0]
    if (isSource) await importChain(nodeDirectory)
    ending.throwIfAborted()
    const args = [
      ...['run', '--datadir', nodeDirectory, '--genesis', genesis, '--addr', '127.0.0.1', '--port', '0'],
      ...['--netrestrict', '127.0.0.0/8', '--bootnodes', bootnode ?? '', '--ntp', 'none'],
      ...['--identity', name, '--head', 'peers', '--verbosity', String(verbosity)],
      ...['--http', '--http.port', '0', '--http.api', 'admin,eth,net,web3'],
    ]
    const node = await startProcess({ name, args, directory: nodeDirectory })
    processes.push(node)
    if (ending.aborted) await node.stop()
    node.ended.then((how) => {
      if (!ending.aborted)
        broken.reject(
          new NodeError('NODE_DEVNET', `${name} ended with ${how}; its log is ${join(nodeDirectory, 'log')}`),
        )
    })
    const { enode, rpcUrl } = await node.ready
    if (rpcUrl === undefined) throw new NodeError('NODE_DEVNET', `${name} has no RPC`)
    const port = Number(new URL(enode).port)
    const watch = watchNode({ name, isSource, pid: node.pid, port, rpcUrl, clock })
    await watch.poll()
    watched.set(name, watch)
    if (isSource) target = watch.state().height
    return enode
  }

  async function importChain(nodeDirectory: string): Promise<void> {
    const args = ['import', sampleChain, '--datadir', nodeDirectory, '--genesis', genesis]
    await runToEnd({
      name: 'the import',
      args: [...args, '--verbosity', String(verbosity)],
      directory: nodeDirectory,
      signal: ending,
    })
  }

  async function start(): Promise<void> {
    const [first = '', ...others] = names
    const bootnode = await startNode(first)
    await Promise.all(others.map((name) => startNode(name, bootnode)))
  }

  const started = start()
  started.catch(() => undefined)
  return {
    states: () => names.map((name, index) => watched.get(name)?.state() ?? unstarted(name, index === 0)),
    target: () => target,
    poll: async () => void (await Promise.all([...watched.values()].map((node) => node.poll()))),
    started,
    broken: broken.promise,
    async stop() {
      closing.abort()
      await Promise.all(processes.map((node) => node.stop()))
      // One may have been about to start.
      await started.catch(() => undefined)
      await Promise.all(processes.map((node) => node.stop()))
    },
  }
}

function unstarted(name: string, isSource: boolean): NodeState {
  return { name, isSource, pid: 0, port: 0, height: 0, headHash: '', peers: 0, perSecond: 0, syncMs: undefined }
}
