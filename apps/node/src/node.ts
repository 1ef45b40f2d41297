import type { ChainStore } from '@ethwire/chain-store'
import type { Crypto } from '@ethwire/crypto'
import { createDialScheduler, createDialScheduler2018 } from '@ethwire/dialer'
import type { Discv4 } from '@ethwire/discv4'
import { createEthManager, type EthManager } from '@ethwire/eth-manager'
import { type EthVersion, eth, forkFilter } from '@ethwire/eth-peer'
import type { Clock, Metrics } from '@ethwire/io'
import { nodeRandom } from '@ethwire/io/node'
import { createP2pServer, P2pError, type P2pServer, type P2pServerOptions } from '@ethwire/p2p-server'
import { codeOf, NodeError, reasonOf } from './errors.ts'
import { followForks } from './fork-entry.ts'
import type { NodeLogger } from './log.ts'
import { warnOfMissingHead } from './missing-head.ts'
import type { ChosenNetwork } from './network.ts'
import { keepDiscv4 } from './node-finding.ts'
import { createNodeReputation, createPeerBans, type PeerBans, type Peering } from './peering.ts'
import { warnOfRefusals } from './refusals.ts'
import { createSyncStatus } from './sync-status.ts'

export interface NodeOptions {
  readonly chain: ChainStore
  readonly network: ChosenNetwork
  readonly networkId: bigint
  readonly privateKey: Uint8Array
  readonly clientId: string
  readonly listen: { readonly host: string; readonly port: number }
  /** Where discovery listens, if elsewhere. */
  readonly discAddr?: P2pServerOptions['discAddr']
  readonly staticNodes: readonly string[]
  readonly trustedNodes: readonly string[]
  readonly maxPeers: number
  /** Undefined: the server's default. */
  readonly maxPendingPeers: number | undefined
  /** Absent: as the flags have it by default. */
  readonly peering?: Peering
  /** Whether discovery v5 is wished, which there is none of yet: the server says so. */
  readonly discoveryV5: boolean
  readonly enableMsgEvents: boolean
  /** How nodes are found; absent: not at all. */
  readonly finding?: Parameters<typeof keepDiscv4>[0]
  readonly nodeDatabase: NonNullable<P2pServerOptions['nodeDatabase']>
  readonly netRestrict: P2pServerOptions['netRestrict']
  readonly nat: P2pServerOptions['nat']
  readonly versions: readonly EthVersion[]
  /** What to sync to; undefined: nothing, the chain is served as it is. */
  readonly head: 'peers' | Uint8Array | undefined
  readonly receipts: boolean
  readonly clock: Clock
  readonly crypto: Crypto
  readonly logger: NodeLogger
  readonly metrics: Metrics
}

/** A node at work: a chain, a server, and the eth protocol between them. */
export interface Node extends AsyncDisposable {
  readonly server: P2pServer
  readonly bans: PeerBans
  /** Undefined where it does not run. */
  readonly discv4: Discv4 | undefined
  /** Undefined where nothing is synced. */
  readonly manager: EthManager | undefined
}

/** @throws NodeError `NODE_LISTEN`, `NODE_USAGE` */
export async function createNode(options: NodeOptions): Promise<Node> {
  const { network, networkId, crypto, logger, metrics, privateKey, clientId, listen, staticNodes, maxPeers, versions } =
    options
  const { config, genesis } = network
  const { chain, head, receipts, clock } = options
  const common = { network: networkId, config, genesis, chain, versions, crypto, metrics, logger: logger.of('eth') }
  const manager =
    head === undefined
      ? undefined
      : createEthManager({ ...common, store: chain, head, receipts, clock, random: nodeRandom })
  const { finding, nodeDatabase, netRestrict, nat, discAddr, trustedNodes, maxPendingPeers } = options
  const discovery = finding === undefined ? undefined : keepDiscv4(finding, logger.of('discv4'))
  const { remembersOffences = false, policy = 'geth-2026', dropper = false, ...peering } = options.peering ?? {}
  const reputation = createNodeReputation({ remembersOffences, clock, metrics, logger: logger.of('dial') })
  const createScheduler = policy === 'geth-2018' ? createDialScheduler2018 : createDialScheduler
  const syncing = manager && createSyncStatus(manager)
  const belongs = forkFilter({ config, genesis, chain })
  let started: P2pServer | undefined
  // bounded: one for each of what is watched
  const ends: (() => void)[] = []
  try {
    const server = await startServer({
      ...{ privateKey, clientId, listen, staticNodes, trustedNodes, maxPeers, nodeDatabase, crypto, metrics },
      logger: logger.of('p2p'),
      ...{ ...peering, policy, reputation },
      dropper: dropper && { isActive: () => syncing?.() === undefined },
      dialScheduler: (scheduling) => createScheduler({ ...scheduling, logger: logger.of('dial') }),
      ...(maxPendingPeers !== undefined && { maxPendingPeers }),
      enableMsgEvents: options.enableMsgEvents,
      ...(options.discoveryV5 && { discoveryV5: true }),
      ...(discovery !== undefined && { discovery: [discovery.factory] }),
      ...(netRestrict !== undefined && { netRestrict }),
      ...(nat !== undefined && { nat }),
      ...(discAddr !== undefined && { discAddr }),
      dialFilter: ({ record }) => record !== undefined && belongs(record),
      protocols: [manager?.protocol ?? eth(common)],
    })
    started = server
    ends.push(warnOfRefusals({ server, clock, logger }))
    ends.push(followForks(server.localNode, chain, network))
    if (manager !== undefined && head instanceof Uint8Array)
      ends.push(warnOfMissingHead({ manager, head, clock, logger }))
    return {
      server,
      bans: createPeerBans(server, reputation, crypto),
      discv4: discovery?.running(),
      manager,
      async [Symbol.asyncDispose]() {
        for (const end of ends) end()
        // Whoever is being asked something learns at once that no answer is wanted any more.
        await Promise.all([manager?.close(), server.close()])
      },
    }
  } catch (error) {
    for (const end of ends) end()
    await Promise.all([manager?.close(), started?.close()])
    throw error
  }
}

async function startServer(options: Parameters<typeof createP2pServer>[0]): Promise<P2pServer> {
  try {
    return await createP2pServer(options)
  } catch (error) {
    if (error instanceof P2pError && error.code === 'P2P_LISTEN_FAILED') {
      // The server says which of its two sockets it was, and why, after a colon and a space.
      const [where = ''] = error.message.split(': ', 1)
      const flag = where.endsWith('(UDP)') ? '--discovery.port' : '--port'
      const taken = codeOf(error.cause) === 'IO_ADDRESS_IN_USE'
      const problem = taken ? `address already in use; choose another ${flag}` : reasonOf(error.cause ?? error)
      throw new NodeError('NODE_LISTEN', `${where}: ${problem}`, { cause: error })
    }
    throw error
  }
}
