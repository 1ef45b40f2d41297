import { type Hasher, type HeaderRules, verifyHeader } from '@ethwire/chain'
import { pureCrypto } from '@ethwire/crypto'
import { type ChainReader, type EthOptions, eth } from '@ethwire/eth-peer'
import {
  type Clock,
  createEvents,
  type Logger,
  type Metrics,
  noMetrics,
  type Random,
  silentLogger,
  webRandom,
} from '@ethwire/io'
import type { Protocol } from '@ethwire/protocol'
import type { BlockRef, ChainWriter } from './chain-writer.ts'
import { createPeerSet, type PeerSetEvents } from './peer-set.ts'
import type { SyncProgress } from './progress.ts'
import { createSynchroniser, type SynchroniserEvents } from './synchroniser.ts'

/** Options of `createEthManager`. */
export interface EthManagerOptions extends Omit<EthOptions, 'onPeer'> {
  /** Where the chain goes. Often the same object as `chain`, from which it is served. */
  readonly store: ChainWriter
  /** A trusted block hash, 32 bytes; or `'peers'`: the best that peers announce, which is no proof after the merge. */
  readonly head: 'peers' | Uint8Array
  /** Whether receipts are downloaded, too. Default false. */
  readonly receipts?: boolean
  /** Default: the rules after the merge, `verifyHeader` of `@ethwire/chain`. */
  readonly headerRules?: HeaderRules
  readonly clock: Clock
  /** Default: the platform's. */
  readonly random?: Random
  /** Default: the pure backend. */
  readonly crypto?: Hasher
  readonly logger?: Logger
  readonly metrics?: Metrics
}

/** What an eth manager tells. */
export interface EthManagerEvents extends SynchroniserEvents {
  /** A peer was caught; it has been disconnected unless it is the only one. */
  'peer:offence': { readonly peer: string } & Omit<PeerSetEvents['offence'], 'peer'>
}

/** The eth protocol with many peers: syncs from them, and serves them what is stored. */
export interface EthManager extends AsyncDisposable {
  /** For a server to offer. */
  readonly protocol: Protocol
  progress(): SyncProgress
  /** Resolves when the head is reached for the first time; rejects with a `SyncError` when it can't be. */
  readonly synced: Promise<BlockRef>
  on<E extends keyof EthManagerEvents>(type: E, listener: (event: EthManagerEvents[E]) => void): () => void
  /** Stops syncing when what has begun to be written is written. Peers stay, and are served. Idempotent. */
  close(): Promise<void>
}

/**
 * Makes an eth manager and starts syncing as soon as there are peers.
 *
 * @example
 * import { genesisBlock, hoodi } from '@ethwire/chain'
 * import { openChainStore } from '@ethwire/chain-store'
 * import { createEthManager } from '@ethwire/eth-manager'
 * import { nodeClock } from '@ethwire/io/node'
 * import { MemoryLevel } from 'memory-level'
 *
 * const genesis = genesisBlock(hoodi.genesis)
 * const store = await openChainStore({ db: new MemoryLevel(), genesis })
 * const { networkId: network, config } = hoodi
 * const manager = createEthManager({ network, config, genesis, chain: store, store, head: 'peers', clock: nodeClock })
 * manager.on('progress', ({ state, head }) => console.log(state, head.number))
 * // createP2pServer({ …, protocols: [manager.protocol] })
 * manager.synced.catch(() => {})
 * await manager.close()
 */
export function createEthManager(options: EthManagerOptions): EthManager {
  const { store, head, receipts = false, headerRules = verifyHeader, clock, random = webRandom } = options
  const { crypto = pureCrypto, logger = silentLogger, metrics = noMetrics } = options
  if (head !== 'peers' && head.length !== 32) throw new RangeError(`a block hash has 32 bytes, got ${head.length}`)
  const peers = createPeerSet({ clock, logger, metrics })
  const synchroniser = createSynchroniser({
    store,
    peers,
    config: options.config,
    head,
    receipts,
    headerRules,
    clock,
    random,
    crypto,
    logger,
    metrics,
  })
  const events = createEvents<EthManagerEvents>((error) => logger.error({ error }, 'An event listener failed'))
  for (const type of ['progress', 'head', 'synced', 'receipts:unavailable', 'receipts:stored'] as const) {
    synchroniser.on(type, (event) => events.emit(type, event))
  }
  peers.on('offence', ({ peer, offence, detail }) => events.emit('peer:offence', { peer: peer.id, offence, detail }))

  const protocol = eth({
    ...options,
    crypto,
    logger,
    metrics,
    chain: withHeadEvents(options.chain, (listener) => synchroniser.on('head', listener)),
    onPeer: (peer) => peers.add(peer),
  })

  return {
    protocol,
    progress: synchroniser.progress,
    synced: synchroniser.synced,
    on: events.on,
    close: synchroniser.close,
    [Symbol.asyncDispose]: synchroniser.close,
  }
}

/** Peers are told of new blocks also where the chain itself does not tell. */
function withHeadEvents(chain: ChainReader, onHead: (listener: () => void) => () => void): ChainReader {
  if (chain.onHead !== undefined) return chain
  return {
    head: () => chain.head(),
    earliest: () => chain.earliest(),
    hashByNumber: (number) => chain.hashByNumber(number),
    headerByHash: (hash) => chain.headerByHash(hash),
    headerRange: (from, count, step) => chain.headerRange(from, count, step),
    bodies: (hashes) => chain.bodies(hashes),
    receipts: (hashes) => chain.receipts(hashes),
    onHead,
  }
}
