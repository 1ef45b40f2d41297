import type { ChainConfig } from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import type { Clock, Logger } from '@ethwire/io'
import { type RpcApi, rpcApis } from '../options/run-options.ts'
import { type AdminServer, adminNamespace } from './admin.ts'
import { discv4Namespace, type RpcDiscovery } from './discv4.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { ethNamespace, type RpcChain, type SyncProgress } from './eth.ts'
import { createHttpServer } from './http-server.ts'
import { createIpcServer } from './ipc-server.ts'
import type { RpcNamespace } from './methods.ts'
import { netNamespace } from './net.ts'
import { rpcNamespace } from './rpc.ts'
import { web3Namespace } from './web3.ts'

export interface RpcServerOptions {
  /** Absent: no HTTP. */
  readonly http?: HttpOptions | undefined
  /** Path of the socket, which has all namespaces. Absent: none. */
  readonly ipc?: string | undefined
  readonly chain: RpcChain
  readonly config: ChainConfig
  readonly networkId: bigint
  readonly clientVersion: string
  readonly server: AdminServer
  /** Absent where the node has no discovery v4. */
  readonly discv4?: RpcDiscovery | undefined
  syncProgress(): SyncProgress | undefined
  readonly crypto: Crypto
  readonly clock: Clock
  readonly logger: Logger
}

interface HttpOptions {
  readonly host: string
  readonly port: number
  readonly vhosts: readonly string[]
  readonly apis: readonly RpcApi[]
}

export interface RpcServer extends AsyncDisposable {
  /** `http://127.0.0.1:8545` */
  readonly httpUrl: string | undefined
}

/** JSON-RPC on what is asked for. @throws NodeError `NODE_LISTEN` */
export async function createRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { chain, config, networkId, clientVersion, server, crypto, clock, logger } = options
  const all: Readonly<Record<RpcApi, RpcNamespace>> = {
    admin: adminNamespace(server),
    discv4: discv4Namespace({ discovery: options.discv4, clock }),
    eth: ethNamespace({ chain, config, crypto, syncProgress: options.syncProgress }),
    net: netNamespace({ networkId, listening: true, peerCount: () => server.peers().length }),
    web3: web3Namespace(clientVersion),
  }
  const dispatcherOf = (apis: readonly RpcApi[]): Dispatcher => {
    const namespaces = Object.fromEntries(apis.map((api) => [api, all[api]]))
    return createDispatcher({ ...namespaces, rpc: rpcNamespace(apis) }, logger)
  }
  // bounded: one for each kind of server
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => void (await Promise.all(opened.map((one) => one.close())))
  let httpUrl: string | undefined
  try {
    if (options.http !== undefined) {
      const { apis, ...where } = options.http
      const http = await createHttpServer({ ...where, dispatcher: dispatcherOf(apis) })
      opened.push(http)
      httpUrl = http.url
      logger.info({ url: http.url, apis: apis.join() }, 'HTTP server started')
    }
    if (options.ipc !== undefined) {
      const ipc = await createIpcServer({ path: options.ipc, dispatcher: dispatcherOf(rpcApis), clock, logger })
      opened.push(ipc)
      logger.info({ path: ipc.path }, 'IPC socket opened')
    }
  } catch (error) {
    await close()
    throw error
  }
  return { httpUrl, [Symbol.asyncDispose]: close }
}
