import type { ChainStore } from '@ethwire/chain-store'
import { type Logger, type Metrics, noMetrics } from '@ethwire/io'
import { nodeClock, nodeRandom } from '@ethwire/io/node'
import { createDriftCheck, type DriftCheck, measureDrift } from '@ethwire/ntp'
import { openChain } from './chain.ts'
import { chooseCrypto } from './crypto-choice.ts'
import { prepareDatadir } from './data-directory.ts'
import { createMetricsServer, type MetricsServer } from './metrics/metrics-server.ts'
import { createPrometheusMetrics, type PrometheusMetrics } from './metrics/prometheus-metrics.ts'
import { type ChosenNetwork, loadNetwork } from './network.ts'
import { createNode } from './node.ts'
import { parseNodeArgument } from './node-argument.ts'
import { openNodeDatabase } from './node-database.ts'
import { chooseNodeFinding } from './node-finding.ts'
import { loadNodeKey } from './node-key.ts'
import { datadirOf, networkChoice } from './options/common.ts'
import { netRestriction, type TimeServer } from './options/discovery-options.ts'
import { ignoredGethFlags } from './options/geth-flags.ts'
import { type RpcApi, rpcApis } from './options/rpc-options.ts'
import type { RunOptions } from './options/run-options.ts'
import { peeringOf } from './peering.ts'
import { receiptGap } from './receipt-gap.ts'
import { ipcPathOf } from './rpc/ipc-path.ts'
import { fitsSocket } from './rpc/ipc-socket.ts'
import { createRpcServer, type RpcServerOptions } from './rpc/server.ts'
import { createRpcChain } from './rpc-chain.ts'
import { aborted, createShutdown } from './shutdown.ts'
import { createSyncDisplay } from './sync-display.ts'
import { createSyncStatus } from './sync-status.ts'
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
  for (const flag of ['staticnodes', 'trustednodes'] as const) {
    for (const node of options[flag]) parseNodeArgument(node, `--${flag}`, crypto)
  }
  warnOfIgnoredFlags(options, logger)
  if (options.nat === 'automatic')
    logger.warn({}, 'Ports are not mapped by this version: --nat is taken as none; --nat extip:<IP> names an address')
  const ipc = ipcChoice(options, logger)
  const network = await loadNetwork(choice, crypto)
  const networkId = options.networkid ?? network.networkId
  const finding = chooseNodeFinding(options, network, crypto)
  const prometheus = options.metrics === true ? createPrometheusMetrics() : undefined
  const metrics: Metrics = prometheus ?? noMetrics
  const datadir = datadirOf(options)
  await prepareDatadir(datadir)
  const privateKey = await loadNodeKey({ keyHex: options.nodekeyhex, keyFile: options.nodekey, datadir }, crypto)
  using shutdown = createShutdown(nodeClock, logger)
  await using opened = await openChain(datadir, network, {
    logger,
    patience: { clock: nodeClock, signal: shutdown.signal },
  })
  const chain = opened.store
  await using nodeDatabase = await openNodeDatabase(datadir, {
    ...{ clock: nodeClock, random: nodeRandom, logger: logger.of('nodedb'), crypto, metrics },
  })
  await using driftCheck = finding?.timeServer && checkDrift(finding.timeServer, logger.of('ntp'), metrics)
  if (options.receipts === true) await warnOfReceiptGap(chain, logger)
  const clientId = clientName(options.identity)
  await using node = await createNode({
    ...{ chain, network, networkId, privateKey, clientId, crypto, logger, metrics },
    listen: { host: options.addr, port: options.port },
    ...(options['discovery.port'] !== undefined && { discAddr: { port: options['discovery.port'] } }),
    ...(finding && { finding: { bootnodes: finding.bootnodes, ...(driftCheck && { driftCheck }) } }),
    ...{
      nodeDatabase,
      netRestrict: netRestriction(options),
      nat: typeof options.nat === 'string' ? undefined : options.nat,
    },
    ...{ staticNodes: options.staticnodes, trustedNodes: options.trustednodes },
    ...{ maxPeers: options.maxpeers, maxPendingPeers: options.maxpendpeers === 0 ? undefined : options.maxpendpeers },
    peering: peeringOf(options),
    discoveryV5: options['discovery.v5'] === true,
    enableMsgEvents: options.msgevents === true,
    versions: options['eth.versions'].map((version) => (version === '69' ? 69 : 70)),
    head: syncTarget(options, network, logger),
    receipts: options.receipts === true,
    clock: nodeClock,
  })
  const { server, manager } = node
  const { enode } = server.nodeInfo()
  const { number, hash } = chain.head()
  logger.info({ network: network.name, networkId, head: number, hash, datadir: options.datadir }, 'Chain opened')
  logger.info({ enode, client: clientId }, 'Started P2P networking')
  await using rpc = await createRpcServer({
    http: httpChoice(options, logger),
    ws: wsChoice(options, logger),
    ipc,
    chain: createRpcChain(chain),
    config: network.config,
    clientVersion: clientId,
    syncProgress: manager === undefined ? () => undefined : createSyncStatus(manager),
    ...{ networkId, server, bans: node.bans, discv4: node.discv4, crypto, clock: nodeClock, random: nodeRandom },
    logger: logger.of('rpc'),
  })
  await using metricsServer = await serveMetrics(options, prometheus, logger)
  if (metricsServer !== undefined) logger.info({ url: metricsServer.url }, 'Metrics server started')
  const { httpUrl } = rpc
  const ready: ReadyMessage = { type: 'ready', enode, ...(httpUrl === undefined ? {} : { rpcUrl: httpUrl }) }
  process.send?.(ready)
  const display = manager === undefined ? undefined : createSyncDisplay({ manager, server, terminal })
  await aborted(shutdown.signal)
  display?.close()
  // Peers learn of it at once, however long callers take to go.
  await Promise.all([rpc[Symbol.asyncDispose](), node[Symbol.asyncDispose]()])
  return 0
}

async function serveMetrics(
  options: RunOptions,
  metrics: PrometheusMetrics | undefined,
  logger: Logger,
): Promise<MetricsServer | undefined> {
  if (metrics === undefined) return undefined
  return createMetricsServer({ host: options['metrics.addr'], port: options['metrics.port'], metrics, logger })
}

function checkDrift(server: TimeServer, logger: Logger, metrics: Metrics): DriftCheck {
  return createDriftCheck({
    measure: ({ signal }) => measureDrift({ ...server, clock: nodeClock, random: nodeRandom, signal }),
    ...{ clock: nodeClock, logger, metrics },
  })
}

function httpChoice(options: RunOptions, logger: Logger): RpcServerOptions['http'] {
  if (options.http === undefined) return undefined
  return {
    host: options['http.addr'],
    port: options['http.port'],
    vhosts: options['http.vhosts'],
    corsDomains: options['http.corsdomain'],
    apis: knownApis(options['http.api'], 'HTTP', logger),
  }
}

function wsChoice(options: RunOptions, logger: Logger): RpcServerOptions['ws'] {
  if (options.ws === undefined) return undefined
  return {
    host: options['ws.addr'],
    port: options['ws.port'],
    origins: options['ws.origins'],
    apis: knownApis(options['ws.api'], 'WebSocket', logger),
  }
}

/** As geth: whoever asks for `debug` or `txpool` too gets the rest. */
function knownApis(names: readonly string[], server: string, logger: Logger): readonly RpcApi[] {
  const unavailable = names.filter((name) => !rpcApis.some((api) => api === name))
  if (unavailable.length > 0) {
    const fields = { unavailable: unavailable.join(), available: rpcApis.join() }
    logger.warn(fields, `Unavailable modules in ${server} API list`)
  }
  return rpcApis.filter((api) => names.includes(api))
}

/** A socket that nobody asked for is no reason not to start. */
function ipcChoice(options: RunOptions, logger: Logger): string | undefined {
  const path = ipcPathOf(options)
  if (path === undefined || options.ipcpath !== undefined || fitsSocket(path)) return path
  logger.warn({ path }, 'No IPC socket: its path would be too long; choose a shorter one with --ipcpath')
  return undefined
}

/** A public network is full of strangers: there is no head without the user's word for it. */
function syncTarget({ head }: RunOptions, network: ChosenNetwork, logger: Logger): 'peers' | Uint8Array | undefined {
  if (!network.isPublic) return head ?? 'peers'
  if (head instanceof Uint8Array) return head
  logger.warn(
    { network: network.name },
    "Nothing will be synced: peers' word is not proof after the merge. Name a block that you trust with --head 0x…",
  )
  return undefined
}

async function warnOfReceiptGap(chain: ChainStore, logger: Logger): Promise<void> {
  const { blocks, exact } = await receiptGap(chain)
  if (blocks === 0) return
  const count = exact ? { blocks } : { blocksAbout: blocks }
  logger.warn(count, 'Stored blocks stay without receipts: --receipts fetches those of blocks synced from now on')
}

function warnOfIgnoredFlags(options: RunOptions, logger: Logger): void {
  const flags = ignoredGethFlags(options)
  if (flags.length > 0) logger.warn({ flags: flags.join(' ') }, 'Flags of geth that mean nothing here are ignored')
}
