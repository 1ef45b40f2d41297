import type { ChainConfig } from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import type { Logger } from '@ethwire/io'
import type { RpcApi } from '../options/run-options.ts'
import { type AdminServer, adminNamespace } from './admin.ts'
import { createDispatcher } from './dispatcher.ts'
import { ethNamespace, type RpcChain, type SyncProgress } from './eth.ts'
import { createHttpServer, type HttpServer } from './http-server.ts'
import type { RpcNamespace } from './methods.ts'
import { netNamespace } from './net.ts'
import { web3Namespace } from './web3.ts'

export interface RpcServerOptions {
  readonly host: string
  readonly port: number
  readonly vhosts: readonly string[]
  readonly apis: readonly RpcApi[]
  readonly chain: RpcChain
  readonly config: ChainConfig
  readonly networkId: bigint
  readonly clientVersion: string
  readonly server: AdminServer
  syncProgress(): SyncProgress | undefined
  readonly crypto: Crypto
  readonly logger: Logger
}

/** JSON-RPC over HTTP with the namespaces that are asked for. @throws NodeError `NODE_LISTEN` */
export function createRpcServer(options: RpcServerOptions): Promise<HttpServer> {
  const { host, port, vhosts, apis, chain, config, networkId, clientVersion, server, crypto, logger } = options
  const all: Readonly<Record<RpcApi, () => RpcNamespace>> = {
    admin: () => adminNamespace(server),
    eth: () => ethNamespace({ chain, config, crypto, syncProgress: options.syncProgress }),
    net: () => netNamespace({ networkId, listening: true, peerCount: () => server.peers().length }),
    web3: () => web3Namespace(clientVersion),
  }
  const namespaces = Object.fromEntries(apis.map((api) => [api, all[api]()]))
  return createHttpServer({ host, port, vhosts, dispatcher: createDispatcher(namespaces, logger) })
}
