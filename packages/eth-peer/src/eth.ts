import type { Hasher, Network } from '@ethwire/chain'
import { pureCrypto } from '@ethwire/crypto'
import { type Logger, type Metrics, noMetrics, silentLogger } from '@ethwire/io'
import { type Protocol, type ProtocolConnection, ProtocolError } from '@ethwire/protocol'
import type { ChainReader, ForkContext, TransactionPoolReader } from './chain-reader.ts'
import { createEgressBudget } from './egress-budget.ts'
import { ethEntry, localForkId } from './entry.ts'
import type { EthPeer } from './eth-peer.ts'
import { exchangeStatus } from './handshake.ts'
import { createReadReceipts } from './large-receipts.ts'
import { maxMessageBytes } from './messages.ts'
import { ethNodeInfo, ethPeerInfo } from './node-info.ts'
import { runSession } from './session.ts'
import { type EthVersion, type EthVersionDefinition, ethVersions, maxBytesOfCode } from './versions.ts'

/** Options of `eth`. */
export interface EthOptions extends ForkContext {
  /** The network ID: 1 for mainnet. */
  readonly network: number | bigint
  readonly chain: ChainReader
  /** Default: all that `ethVersions` has. */
  readonly versions?: readonly EthVersion[]
  /** Serves GetPooledTransactions; without it there are none. */
  readonly transactionPool?: TransactionPoolReader
  /**
   * Called for each peer after the exchange of Status. The peer is served and its answers are read also after `onPeer` is
   * done; when it throws, the peer is disconnected.
   */
  readonly onPeer?: (peer: EthPeer) => void | Promise<void>
  /** How long a request waits unless it says so itself. Default 10 s. */
  readonly requestTimeoutMs?: number
  /**
   * What all peers together may ask of us in the long run, in bytes that are read for their answers, each request counting
   * as 16 KiB more; one peer may ask for half of it. Who asks for more waits. Default 32 MiB.
   */
  readonly servedBytesPerSecond?: number
  /** Hashes headers. Default: the pure backend. */
  readonly crypto?: Hasher
  readonly logger?: Logger
  readonly metrics?: Metrics
}

/** Options of `eth` for a network that `@ethwire/chain` knows: `mainnet`, `sepolia`, `hoodi`, or one like these. */
export interface EthNetworkOptions extends Omit<EthOptions, 'network' | 'config' | 'genesis'> {
  readonly network: Network
}

const defaultRequestTimeoutMs = 10_000
const defaultServedBytesPerSecond = 32 * 1024 * 1024

/**
 * The eth protocol, for a server to offer and to run with each peer.
 *
 * @example
 * import { genesisBlock, hoodi } from '@ethwire/chain'
 * import { openChainStore } from '@ethwire/chain-store'
 * import { type EthPeer, eth } from '@ethwire/eth-peer'
 * import { MemoryLevel } from 'memory-level'
 *
 * const chain = await openChainStore({ db: new MemoryLevel(), genesis: genesisBlock(hoodi.genesis) })
 * const onPeer = async (peer: EthPeer): Promise<void> => {
 *   const headers = await peer.getBlockHeaders({ start: 1, count: 192 })
 *   console.log(peer.remote.clientId, headers.length)
 * }
 * const protocol = eth({ network: hoodi, chain, onPeer })
 *
 * @throws TypeError for options that do not say which chain it is; RangeError for versions and figures that cannot be
 */
export function eth(options: EthOptions | EthNetworkOptions): Protocol {
  const { chain, logger = silentLogger, metrics = noMetrics } = options
  const { network, config, genesis } = chainIdentity(options)
  const versions = selectVersions(options.versions)
  // bounded: one for each connection that the server runs
  const peers = new Map<string, EthPeer>()
  const peerCount = metrics.gauge('eth/peers')
  const { servedBytesPerSecond = defaultServedBytesPerSecond } = options
  if (!(servedBytesPerSecond > 0)) {
    throw new RangeError(`expected servedBytesPerSecond above 0, got ${servedBytesPerSecond}`)
  }
  const readReceipts = createReadReceipts(chain)
  const egress = createEgressBudget({ bytesPerSecond: servedBytesPerSecond })

  async function run(connection: ProtocolConnection): Promise<void> {
    const version = versions[connection.version]
    if (version === undefined) throw new RangeError(`eth/${connection.version} is not offered`)
    const messages = connection.messages[Symbol.asyncIterator]()
    const statuses = await exchangeStatus({ connection, messages, version, network, config, genesis, chain })
    const { id } = connection.peer
    let self: EthPeer | undefined
    try {
      await runSession({
        connection,
        messages,
        version,
        statuses,
        chain,
        metrics,
        egress,
        readReceipts,
        bytesPerSecond: servedBytesPerSecond / 2,
        transactionPool: options.transactionPool,
        requestTimeoutMs: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
        crypto: options.crypto ?? pureCrypto,
        onPeer(peer) {
          self = peer
          peers.set(id, peer)
          peerCount.set(peers.size)
          return options.onPeer?.(peer)
        },
      })
    } finally {
      if (peers.get(id) === self) peers.delete(id)
      peerCount.set(peers.size)
    }
  }

  return {
    name: 'eth',
    versions: Object.fromEntries(Object.entries(versions).map(([version, { length }]) => [version, { length }])),
    limits: { maxMessageBytes, maxBytesOf: maxBytesOfCode, oversized: 'report' },
    async run(connection) {
      try {
        await run(connection)
      } catch (error) {
        const failure = toProtocolError(error)
        metrics.counter(`eth/failure/${failure.code.slice('PROTOCOL_'.length).toLowerCase()}`).add()
        const { id, clientId } = connection.peer
        logger.debug({ peer: id, client: clientId, code: failure.code, error: failure.message }, 'eth peer dropped')
        throw failure
      }
    },
    recordEntries: () => [ethEntry.of(localForkId({ config, genesis, chain }))],
    nodeInfo: () => ethNodeInfo(network, { config, genesis, chain }),
    peerInfo(id) {
      const peer = peers.get(id)
      return peer === undefined ? undefined : ethPeerInfo(peer)
    },
  }
}

function chainIdentity(options: EthOptions | EthNetworkOptions): {
  readonly network: bigint
  readonly config: EthOptions['config']
  readonly genesis: EthOptions['genesis']
} {
  const { network } = options
  if (typeof network === 'object') {
    const { networkId, config, genesisHash, genesis } = network
    return { network: networkId, config, genesis: { hash: genesisHash, timestamp: genesis.timestamp } }
  }
  const { config, genesis } = options as EthOptions
  for (const [name, value] of Object.entries({ config, genesis })) {
    if (value === undefined) throw new TypeError(`network ${network} is a number alone: expected ${name} beside it`)
  }
  return { network: BigInt(network), config, genesis }
}

function selectVersions(wanted: readonly EthVersion[] | undefined): Readonly<Record<number, EthVersionDefinition>> {
  const known: Readonly<Record<number, EthVersionDefinition>> = ethVersions
  if (wanted === undefined) return known
  if (wanted.length === 0) throw new RangeError('expected at least one version of eth')
  const selected: Record<number, EthVersionDefinition> = {}
  for (const number of wanted) {
    const version = known[number]
    if (version === undefined) throw new RangeError(`eth/${number} is not known; ${Object.keys(known).join(', ')} are`)
    selected[number] = version
  }
  return selected
}

/** What ends a run is always an error that says what the peer is told. */
function toProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  return new ProtocolError('PROTOCOL_HANDLER', 'eth failed on our side', { cause: error })
}
