import type { ChainConfig } from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import type { Clock, Logger, Random } from '@ethwire/io'
import { type RpcApi, rpcApis } from '../options/rpc-options.ts'
import { type AdminBans, type AdminServer, adminNamespace } from './admin.ts'
import { discv4Namespace, type RpcDiscovery } from './discv4.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { ethNamespace, type RpcChain, type SyncProgress } from './eth.ts'
import type { HttpCallsOptions } from './http-calls.ts'
import { createHttpServer, type HttpServerOptions } from './http-server.ts'
import { createIpcServer } from './ipc-server.ts'
import type { RpcNamespace } from './methods.ts'
import { netNamespace } from './net.ts'
import { type PeerEventServer, peerEvents } from './peer-events.ts'
import { rpcNamespace } from './rpc.ts'
import { createRpcMemory } from './rpc-memory.ts'
import type { RpcSubscriptions } from './subscriptions.ts'
import { createRpcTurns } from './turns.ts'
import type { WebSocketCallsOptions } from './web-socket-calls.ts'
import { web3Namespace } from './web3.ts'

export interface RpcServerOptions {
  /** Absent: no HTTP. */
  readonly http?: HttpOptions | undefined
  /** Absent: no WebSockets. Where host and port are those of `http`, they are on that server. */
  readonly ws?: WsOptions | undefined
  /** Path of the socket, which has all namespaces. Absent: none. */
  readonly ipc?: string | undefined
  readonly chain: RpcChain
  readonly config: ChainConfig
  readonly networkId: bigint
  readonly clientVersion: string
  readonly server: AdminServer & PeerEventServer
  readonly bans: AdminBans
  /** Absent where the node has no discovery v4. */
  readonly discv4?: RpcDiscovery | undefined
  syncProgress(): SyncProgress | undefined
  readonly crypto: Crypto
  readonly clock: Clock
  /** For the IDs of subscriptions. */
  readonly random: Random
  readonly logger: Logger
}

interface Place {
  readonly host: string
  readonly port: number
  readonly apis: readonly RpcApi[]
}

type HttpOptions = Place & Pick<HttpCallsOptions, 'vhosts' | 'corsDomains'>
type WsOptions = Place & Pick<WebSocketCallsOptions, 'origins'>

export interface RpcServer extends AsyncDisposable {
  /** `http://127.0.0.1:8545` */
  readonly httpUrl: string | undefined
  /** `ws://127.0.0.1:8546` */
  readonly wsUrl: string | undefined
}

/** JSON-RPC on what is asked for. @throws NodeError `NODE_LISTEN` */
export async function createRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { chain, config, networkId, clientVersion, server, crypto, clock, random, logger } = options
  const all: Readonly<Record<RpcApi, RpcNamespace>> = {
    admin: adminNamespace(server, options.bans),
    discv4: discv4Namespace({ discovery: options.discv4, clock }),
    eth: ethNamespace({ chain, config, crypto, syncProgress: options.syncProgress }),
    net: netNamespace({ networkId, listening: true, peerCount: () => server.peers().length }),
    web3: web3Namespace(clientVersion),
  }
  const told: Partial<Record<RpcApi, RpcSubscriptions[string]>> = { admin: { peerEvents: peerEvents(server) } }
  const turns = createRpcTurns({ clock })
  const dispatcherOf = (apis: readonly RpcApi[]): Dispatcher => {
    const namespaces = { ...Object.fromEntries(apis.map((api) => [api, all[api]])), rpc: rpcNamespace(apis) }
    const subscriptions = Object.fromEntries(apis.map((api) => [api, told[api] ?? {}]))
    return createDispatcher({ namespaces, subscriptions, random, turns, logger })
  }
  // bounded: one for each kind of server
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => void (await Promise.all(opened.map((one) => one.close())))
  const listen = async (place: Omit<HttpServerOptions, 'portFlag' | 'logger'>, portFlag: string): Promise<string> => {
    const listening = await createHttpServer({ ...place, portFlag, logger })
    opened.push(listening)
    return listening.address
  }
  const { http, ws } = options
  const memory = createRpcMemory(logger)
  const calls = http && { ...http, dispatcher: dispatcherOf(http.apis), memory, clock }
  const webSocket = ws && { origins: ws.origins, dispatcher: dispatcherOf(ws.apis), memory, turns, clock, logger }
  const sharesPort =
    http !== undefined && ws !== undefined && ws.host === http.host && ws.port === http.port && ws.port !== 0
  let httpUrl: string | undefined
  let wsUrl: string | undefined
  try {
    if (http !== undefined) {
      const { host, port, apis } = http
      const address = await listen({ host, port, http: calls, ...(sharesPort && { webSocket }) }, '--http.port')
      httpUrl = `http://${address}`
      if (sharesPort) wsUrl = `ws://${address}`
      logger.info({ url: httpUrl, apis: apis.join() }, 'HTTP server started')
    }
    if (ws !== undefined) {
      const { host, port, apis } = ws
      wsUrl ??= `ws://${await listen({ host, port, webSocket }, '--ws.port')}`
      logger.info({ url: wsUrl, apis: apis.join() }, 'WebSocket enabled')
    }
    if (options.ipc !== undefined) {
      const dispatcher = dispatcherOf(rpcApis)
      const ipc = await createIpcServer({ path: options.ipc, dispatcher, memory, clock, logger })
      opened.push(ipc)
      logger.info({ path: ipc.path }, 'IPC socket opened')
    }
  } catch (error) {
    await close()
    throw error
  }
  return { httpUrl, wsUrl, [Symbol.asyncDispose]: close }
}
