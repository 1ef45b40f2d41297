import { parseNode } from '@ethwire/enr'
import { nodeClock } from '@ethwire/io/node'
import { openChain } from './chain.ts'
import { chooseCrypto } from './crypto-choice.ts'
import { NodeError, reasonOf } from './errors.ts'
import { loadNetwork } from './network.ts'
import { createNode } from './node.ts'
import { loadNodeKey } from './node-key.ts'
import { datadirOf, networkChoice } from './options/common.ts'
import type { RunOptions } from './options/run-options.ts'
import { createRpcServer } from './rpc/server.ts'
import { createRpcChain } from './rpc-chain.ts'
import { aborted, createShutdown } from './shutdown.ts'
import { createTerminal } from './terminal.ts'
import { clientName } from './version.ts'

/** What a node that was started over IPC tells its parent once it is there. */
export interface ReadyMessage {
  readonly type: 'ready'
  readonly enode: string
  readonly rpcUrl?: string
}

/** `ethwire run` */
export async function run(options: RunOptions): Promise<number> {
  const choice = networkChoice(options)
  await using terminal = await createTerminal({ verbosity: options.verbosity, clock: nodeClock })
  const { logger } = terminal
  const crypto = chooseCrypto(logger)
  for (const node of options.staticnodes) checkNode(node)
  const network = await loadNetwork(choice, crypto)
  const networkId = options.networkid ?? network.networkId
  const datadir = datadirOf(options)
  const privateKey = await loadNodeKey({ keyHex: options.nodekeyhex, keyFile: options.nodekey, datadir }, crypto)
  using shutdown = createShutdown(nodeClock, logger)
  await using chain = await openChain(datadir, network)
  const clientId = clientName(options.identity)
  await using node = await createNode({
    ...{ chain, network, networkId, privateKey, clientId, crypto, logger },
    listen: { host: options.addr, port: options.port },
    staticNodes: options.staticnodes,
    maxPeers: options.maxpeers,
    versions: options['eth.versions'].map((version) => (version === '69' ? 69 : 70)),
  })
  const { server } = node
  const { enode } = server.nodeInfo()
  const { number, hash } = node.chain.head()
  logger.info({ network: network.name, networkId, head: number, hash, datadir: options.datadir }, 'Chain opened')
  logger.info({ enode, client: clientId }, 'Started P2P networking')
  const http =
    options.http === undefined
      ? undefined
      : await createRpcServer({
          host: options['http.addr'],
          port: options['http.port'],
          vhosts: options['http.vhosts'],
          apis: options['http.api'],
          chain: createRpcChain(node.chain),
          config: network.config,
          clientVersion: clientId,
          syncProgress: () => undefined,
          ...{ networkId, server, crypto, logger },
        })
  try {
    if (http !== undefined) logger.info({ url: http.url, apis: options['http.api'].join() }, 'HTTP server started')
    const ready: ReadyMessage = { type: 'ready', enode, ...(http === undefined ? {} : { rpcUrl: http.url }) }
    process.send?.(ready)
    await aborted(shutdown.signal)
    return 0
  } finally {
    await http?.close()
  }
}

function checkNode(node: string): void {
  try {
    parseNode(node)
  } catch (error) {
    throw new NodeError('NODE_USAGE', `--staticnodes: ${reasonOf(error)}: ${node.slice(0, 200)}`, { cause: error })
  }
}
