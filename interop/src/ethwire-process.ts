import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { ethwireCommand } from './ethwire-cli.ts'
import { freePorts, type RunningProcess, startProcess, temporaryDirectory } from './resources.ts'
import { createRpc, type Json, type Rpc } from './rpc.ts'
import { StopAsking, until } from './until.ts'

export interface EthwireOptions {
  genesis: string
  networkId: number
  staticnodes?: readonly string[]
  head?: 'peers' | `0x${string}`
  receipts?: boolean
  /** Versions of eth to offer; the program's default when left out. */
  versions?: readonly number[]
  datadir?: string
  args?: readonly string[]
  /** Node discovery with these bootnodes; without it there is none. */
  discovery?: { readonly bootnodes: readonly string[] }
  /** Starts the program, for who wants it started in another way. */
  start?: (command: string, args: readonly string[]) => RunningProcess
}

/** A running node; leaving the scope of an `await using` kills it. */
export interface Ethwire extends AsyncDisposable {
  readonly enode: string
  readonly id: string
  readonly p2pPort: number
  readonly httpPort: number
  readonly datadir: string
  readonly rpc: Rpc
  /** The process that runs now. */
  pid(): number
  logs(): string
  /** Ends it as Ctrl-C does, which it has to do within 5 s. */
  stop(): Promise<void>
  kill(): Promise<void>
  /** Starts it again after `stop` or `kill`, or stops it first: same key, same ports, same data, further flags if given. */
  restart(
    changes?: Partial<Pick<EthwireOptions, 'versions' | 'staticnodes' | 'head' | 'args' | 'discovery'>>,
  ): Promise<void>
}

/** Starts `ethwire run` on loopback, and waits until it answers. */
export async function startEthwire(options: EthwireOptions): Promise<Ethwire> {
  const datadir = options.datadir ?? temporaryDirectory('node')
  const nodekey = randomBytes(32).toString('hex')
  let current = options
  let ports: number[] = []
  const rpc = createRpc(() => `http://127.0.0.1:${ports[1]}`)

  const start = async (): Promise<RunningProcess> => {
    const [p2p, http] = ports.map(String) as [string, string]
    const { staticnodes = [], head = 'peers', versions, receipts = false, args = [] } = current
    const { discovery, start = startProcess } = current
    const [command, commandArgs] = ethwireCommand(
      ...['run', '--datadir', datadir, '--genesis', options.genesis],
      ...['--networkid', String(options.networkId), '--addr', '127.0.0.1', '--port', p2p, '--nodekeyhex', nodekey],
      ...['--netrestrict', '127.0.0.0/8', '--ntp', 'none'],
      ...(discovery === undefined ? ['--nodiscover'] : ['--bootnodes', discovery.bootnodes.join(',')]),
      ...['--maxpeers', '25', '--head', head, '--verbosity', '3'],
      ...['--http', '--http.addr', '127.0.0.1', '--http.port', http, '--http.api', 'admin,eth,net,web3'],
      ...(staticnodes.length > 0 ? ['--staticnodes', staticnodes.join(',')] : []),
      ...(versions === undefined ? [] : ['--eth.versions', versions.join(',')]),
      ...(receipts ? ['--receipts'] : []),
      ...args,
    )
    const node = start(command, commandArgs)
    const ready = async (): Promise<Json> => {
      if (node.ended() !== undefined) throw new StopAsking(`ethwire ended with ${node.ended()}\n${node.logs()}`)
      return rpc('net_version')
    }
    await until('ethwire answers', ready, { timeoutMs: 30_000 })
    return node
  }

  const startOnFreePorts = async (): Promise<RunningProcess> => {
    for (let attempt = 1; ; attempt += 1) {
      ports = await freePorts(2)
      try {
        return await start()
      } catch (error) {
        if (attempt === 5 || !/address already in use|EADDRINUSE/.test(String(error))) throw error
      }
    }
  }

  let node = await startOnFreePorts()
  const { enode, id } = await rpc<{ enode: string; id: string }>('admin_nodeInfo')
  const [p2pPort, httpPort] = ports as [number, number]
  const stop = (): Promise<void> => node.end('SIGINT', 5_000)
  const kill = (): Promise<void> => node.end('SIGKILL', 10_000)
  return {
    ...{ enode, id, p2pPort, httpPort, datadir, rpc, stop },
    pid: () => node.pid,
    logs: () => node.logs(),
    kill,
    [Symbol.asyncDispose]: kill,
    restart: async (changes = {}) => {
      await stop()
      current = { ...current, ...changes }
      node = await start()
    },
  }
}

/** Imports a chain file into a new data directory with `ethwire import`, and returns the directory. */
export async function importChain(genesis: string, networkId: number, chain: string): Promise<string> {
  const datadir = temporaryDirectory('node')
  const flags = ['--datadir', datadir, '--genesis', genesis, '--networkid', String(networkId)]
  await promisify(execFile)(...ethwireCommand('import', ...flags, chain), { timeout: 120_000 })
  return datadir
}
