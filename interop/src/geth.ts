import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { gethPath } from './paths.ts'
import { freePorts, type RunningProcess, startProcess, temporaryDirectory } from './resources.ts'
import { createRpc, type Json, type Rpc } from './rpc.ts'
import { StopAsking, until } from './until.ts'

export interface GethOptions {
  /** Path of a `genesis.json`. */
  genesis: string
  /** Path of a chain to import before the start. */
  chain?: string
  networkId: number
  /** 32 bytes in hex; random by default, and the same after a restart. */
  nodekey?: string
  /** Node discovery v4 with these bootnodes; without it there is none. */
  discovery?: { readonly bootnodes: readonly string[] }
  /** Further flags. */
  args?: readonly string[]
  /** A directory to use again; a new one by default. */
  datadir?: string
}

/** A running node; leaving the scope of an `await using` kills it. */
export interface Geth extends AsyncDisposable {
  readonly enode: string
  readonly id: string
  readonly p2pPort: number
  readonly httpPort: number
  readonly authPort: number
  readonly datadir: string
  readonly rpc: Rpc
  logs(): string
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>
  kill(): Promise<void>
  /** Starts it again after `stop` or `kill`, or stops it first: same key, same ports, same data. */
  restart(): Promise<void>
}

const run = promisify(execFile)

/** Starts go-ethereum on loopback with what a chain file holds, and waits until it answers. */
export async function startGeth(options: GethOptions): Promise<Geth> {
  const { genesis, chain, networkId, nodekey = randomBytes(32).toString('hex'), args = [], discovery } = options
  const datadir = options.datadir ?? temporaryDirectory('geth')
  const common = ['--datadir', datadir, '--networkid', String(networkId)]
  if (options.datadir === undefined) {
    await run(gethPath, ['--datadir', datadir, 'init', genesis])
    if (chain !== undefined) await run(gethPath, [...common, 'import', chain], { maxBuffer: 64 * 1024 * 1024 })
  }

  let ports: number[] = []
  const start = async (): Promise<RunningProcess> => {
    const [p2p, http, auth] = ports.map(String) as [string, string, string]
    const geth = startProcess(gethPath, [
      ...[...common, '--nodekeyhex', nodekey, '--port', p2p],
      ...(discovery === undefined
        ? ['--nodiscover', '--nat', 'none']
        : ['--discovery.v4', '--nat', 'extip:127.0.0.1', '--bootnodes', discovery.bootnodes.join(',')]),
      ...['--netrestrict', '127.0.0.0/8', '--ipcdisable', '--cache', '256'],
      ...['--authrpc.addr', '127.0.0.1', '--authrpc.port', auth],
      ...['--http', '--http.addr', '127.0.0.1', '--http.port', http, '--http.api', 'admin,eth,net,web3,debug'],
      ...args,
    ])
    const ready = async (): Promise<Json> => {
      if (geth.ended() !== undefined) throw new StopAsking(`geth ended with ${geth.ended()}\n${geth.logs()}`)
      return rpc('net_version')
    }
    await until('geth answers', ready, { timeoutMs: 30_000 })
    return geth
  }
  const rpc = createRpc(() => `http://127.0.0.1:${ports[1]}`)

  const startOnFreePorts = async (): Promise<RunningProcess> => {
    for (let attempt = 1; ; attempt += 1) {
      ports = await freePorts(3)
      try {
        return await start()
      } catch (error) {
        if (attempt === 5 || !String(error).includes('address already in use')) throw error
      }
    }
  }

  let geth = await startOnFreePorts()
  const { enode, id } = await rpc<{ enode: string; id: string }>('admin_nodeInfo')
  const [p2pPort, httpPort, authPort] = ports as [number, number, number]
  const stop = (): Promise<void> => geth.end('SIGINT', 30_000)
  const kill = (): Promise<void> => geth.end('SIGKILL', 10_000)
  return {
    ...{ enode, id, p2pPort, httpPort, authPort, datadir, rpc, stop },
    logs: () => geth.logs(),
    kill,
    [Symbol.asyncDispose]: kill,
    restart: async () => {
      await stop()
      geth = await start()
    },
  }
}

/** Whom geth is connected to, by `admin_peers`. */
export interface GethPeer {
  id: string
  name: string
  enode: string
  caps: string[]
  network: { localAddress: string; remoteAddress: string; inbound: boolean; trusted: boolean; static: boolean }
  protocols: {
    eth?: { version: number; earliestBlock: number; latestBlock: number; latestBlockHash: string } | 'handshake'
  }
  [key: string]: Json
}
