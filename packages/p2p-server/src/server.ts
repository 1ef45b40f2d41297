import { equalBytes, pureCrypto } from '@ethwire/crypto'
import {
  createDialScheduler,
  createDialScheduler2018,
  type DialScheduler,
  type DialSchedulerOptions,
  type DialSchedulerState,
} from '@ethwire/dialer'
import { createLocalNode, type LocalNode } from '@ethwire/enr'
import { type Clock, type Events, noMetrics, silentLogger } from '@ethwire/io'
import { bindDatagram as bindUdp, dialTcp, listenTcp, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import type { IpAddress } from '@ethwire/netutil'
import { DisconnectReason } from '@ethwire/protocol'
import { acceptConnections } from './accepting.ts'
import { createBandwidth } from './bandwidth.ts'
import { candidateSources } from './candidates.ts'
import { offeredCapabilities } from './capabilities.ts'
import { closeAll } from './closing.ts'
import { createConduct } from './conduct.ts'
import { createConnector } from './connecting.ts'
import { runHandshake as runHandshakeHere } from './crypto-handshake.ts'
import { createDialOut } from './dialing-out.ts'
import { startDropper } from './dropper.ts'
import { P2pError } from './errors.ts'
import { createServerEvents, type EventStreamOptions, type P2pServerEventStream } from './event-streams.ts'
import { BASE_PROTOCOL_VERSION } from './hello.ts'
import { type NodeInfo, nodeInfo } from './info.ts'
import { messageEvents } from './message-events.ts'
import { startNameLookups } from './name-lookups.ts'
import { namedStep, namedWait } from './named-step.ts'
import type { NodeDatabase } from './node-database.ts'
import { readNode, readNodes } from './node-input.ts'
import { createNodeSet } from './node-set.ts'
import { checkIsObject, checkNodeDatabase, checkOptions } from './option-checks.ts'
import { withDefaults } from './option-defaults.ts'
import type { NodeInput, P2pServerOptions } from './options.ts'
import type { Peer } from './peer.ts'
import { createPeerMap } from './peer-map.ts'
import { createPeerRuns } from './peer-runs.ts'
import { quotasOf, type ServerPolicy } from './quotas.ts'
import type { P2pServerEvents } from './server-events.ts'
import { start } from './starting.ts'
import { wantedDiscovery } from './starting-discovery.ts'
import { createTransport } from './transport.ts'
import { createUndo } from './undo.ts'

/** A running devp2p server. */
export interface P2pServer extends Events<P2pServerEvents>, AsyncDisposable {
  readonly localNode: LocalNode
  /** geth's `admin_nodeInfo`. */
  nodeInfo(): NodeInfo
  peers(): readonly Peer[]
  /** All events from now on, one after the other, in the order in which they happen. */
  events(options?: EventStreamOptions): P2pServerEventStream
  /** Whom the server dials, and how often each rule refused a node. */
  dialState(): DialSchedulerState
  /** How it stands with dialling one node, by its ID in hex. */
  explainDial(nodeIdHex: string): ReturnType<DialScheduler['explain']>
  /** Connects to a node, and again whenever it is gone, as far as there are places for dialled peers. */
  addPeer(node: NodeInput): void
  /** Ends that, and the connection; false if it was no static node and no peer. The peer is gone with its `peer:drop`. */
  removePeer(node: NodeInput): boolean
  /** Lets a node in over every limit from now on. That alone does not dial it. */
  addTrustedPeer(node: NodeInput): void
  /** Ends that; a connection that is there stays. False if the node was not trusted. */
  removeTrustedPeer(node: NodeInput): boolean
  /** Ends all peers with reason 8 (client quitting), stops dialling, listening and discovery, within 5 s. Idempotent. */
  close(): Promise<void>
}

const schedulers: Readonly<Record<ServerPolicy, NonNullable<P2pServerOptions['dialScheduler']>>> = {
  'geth-2026': createDialScheduler,
  'geth-2018': createDialScheduler2018,
}

/**
 * Starts a server.
 * @throws TypeError, RangeError that name the option that can't be, its value and what was expected; P2pError
 * `P2P_LISTEN_FAILED`, `P2P_DISCOVERY_FAILED` or `P2P_START_FAILED` when a step fails or takes longer than 10 s (its `rule` is
 * `start-deadline` then): nothing that was started goes on
 */
export async function createP2pServer(options: P2pServerOptions): Promise<P2pServer> {
  checkIsObject(options)
  const undo = createUndo()
  const { logger = silentLogger } = options
  const opening = Promise.resolve(options.nodeDatabase)
  const letGo = async (): Promise<void> => {
    // One that could not be opened has said so where it was waited for.
    const database = await opening.catch(() => undefined)
    const isOurs = database !== options.nodeDatabase
    await (isOurs && database?.close !== undefined ? database.close() : database?.flush?.())
  }
  undo.push('the node database', letGo)
  // The caller's only once it is known to be one.
  let clock: Clock = nodeClock
  try {
    checkOptions(options)
    clock = options.clock ?? nodeClock
    const nodeDatabase = await namedWait(clock, 'the node database', opening)
    checkNodeDatabase(nodeDatabase)
    return await startServer(options, nodeDatabase, letGo, undo)
  } catch (error) {
    await undo.run(clock, (part, err) =>
      logger.error({ part, err }, 'A part of a server that could not start did not stop'),
    )
    throw error
  }
}

async function startServer(
  options: P2pServerOptions,
  nodeDatabase: NodeDatabase | undefined,
  letGoOfDatabase: () => Promise<void>,
  undo: ReturnType<typeof createUndo>,
): Promise<P2pServer> {
  const { privateKey, protocols, clientId, netRestrict } = options
  const {
    crypto = pureCrypto,
    clock = nodeClock,
    random = nodeRandom,
    dial = dialTcp,
    bind = listenTcp,
    bindDatagram = bindUdp,
    resolver = nodeResolver,
    runHandshake = runHandshakeHere,
    newTransport = createTransport,
    logger = silentLogger,
    metrics = noMetrics,
    maxPendingPeers,
    staticOnly,
    policy,
    dropper: dropperOptions,
    enableMsgEvents,
  } = withDefaults(options)
  const { dialScheduler = schedulers[policy] } = options
  const limits = namedStep('the quotas', () => quotasOf(options))
  if (!crypto.isPrivateKey(privateKey)) throw new RangeError('privateKey must be a key of secp256k1')
  const localNode =
    options.localNode ??
    (await namedWait(
      clock,
      'the local node',
      createLocalNode({ privateKey, crypto, clock, ...(nodeDatabase && { sequenceStore: nodeDatabase }) }),
    ))
  if (!equalBytes(localNode.publicKey, crypto.publicKey(privateKey)))
    throw new RangeError('localNode has another key than privateKey')
  const self = localNode.nodeIdHex
  const staticNodes = readNodes('staticNodes', options.staticNodes, crypto)
  const statics = createNodeSet(staticNodes)
  const trusted = createNodeSet(readNodes('trustedNodes', options.trustedNodes, crypto))
  if (options.noDial && options.listen === undefined)
    logger.warn({}, 'The server is of no use: it neither dials nor listens')

  const events = createServerEvents(logger, metrics)
  const peers = createPeerMap(clock)
  const bandwidth = createBandwidth(clock, options.bandwidth ?? {})
  undo.push('the bandwidth', bandwidth.close)
  const lifetime = new AbortController()
  const { signal } = lifetime
  // bounded: maxPendingPeers inbound and a few for trusted and static nodes, and as many outbound; besides, of those that
  // have failed, the dials of a second
  const settingUp = new Set<Promise<unknown>>()
  function track<T>(work: Promise<T>): Promise<T> {
    const done: Promise<unknown> = work.then(
      () => settingUp.delete(done),
      () => settingUp.delete(done),
    )
    settingUp.add(done)
    return work
  }

  const factories = wantedDiscovery(options, logger)
  undo.push('the lifetime', () => lifetime.abort())
  const started = await start({
    ...{ options, factories, bind, bindDatagram, undo },
    context: {
      ...{ localNode, privateKey, crypto, clock, random, logger, metrics, signal },
      ...(nodeDatabase && { nodeDatabase }),
      ...(netRestrict !== undefined && { netRestrict }),
    },
  })
  const { listener } = started
  // Nobody is dialled or let in before whoever awaits the server can listen to its events.
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const beginning = clock.setTimer(0, begin)
  undo.push('the beginning', () => beginning.cancel())

  const standing = { isStatic: statics.has, isTrusted: trusted.has }
  const conduct = createConduct({ reputation: options.reputation, ...standing })
  const connect = createConnector({
    ...{
      privateKey,
      protocols,
      peers,
      self,
      limits,
      crypto,
      random,
      clock,
      metrics,
      runHandshake,
      newTransport,
      logger,
    },
    localHello: () => ({
      protocolVersion: BASE_PROTOCOL_VERSION,
      clientId,
      capabilities: offeredCapabilities(protocols),
      listenPort: listener?.local.port ?? 0,
      publicKey: localNode.publicKey,
    }),
    ...standing,
    isBanned: conduct.isBanned,
    allowances: bandwidth.ofConnection,
    onMessage: enableMsgEvents ? messageEvents(events) : undefined,
    newPeerHook: options.newPeerHook,
  })
  const runPeer = createPeerRuns({
    ...{ connect, peers, events, conduct, clock, logger, metrics },
    dialer: () => dialer,
  })
  const way = { runPeer, begun, signal, track, events, clock, logger, metrics, netRestrict }
  const dialerOptions: DialSchedulerOptions = {
    ...{ clock, random, self, logger, metrics, maxDialed: limits.maxDialed, maxActiveDials: maxPendingPeers },
    dial: createDialOut({ ...way, dial, resolver, dialer: () => dialer }),
    ...(netRestrict !== undefined && { netRestrict }),
    ...(conduct.forDialer !== undefined && { reputation: conduct.forDialer }),
    sources: candidateSources({
      ...{ discovery: started.discovery, protocols, sources: options.sources ?? [], staticOnly, clock, logger },
      dialFilter: options.dialFilter,
      refused: (node, reason) => dialer.refused(node, reason),
    }),
    onRefused: (node, reason) => events.emit('dial:refused', { node, reason }),
  }
  const dialer = namedStep('the dial scheduler', () => dialScheduler(dialerOptions))
  undo.push('the dialler', () => dialer.close())
  for (const node of staticNodes) dialer.addStatic(node)
  let lookUpNames: ReturnType<typeof startNameLookups> | undefined
  if (listener !== undefined) {
    // Where nobody comes in, it does not matter who is at which address.
    lookUpNames = startNameLookups([statics, trusted], { resolver, clock, logger, signal })
    const isWanted = (ip: IpAddress): boolean => trusted.hasAddress(ip) || statics.hasAddress(ip)
    acceptConnections(listener, { ...way, maxPendingPeers, conduct, isWanted }).catch((err: unknown) =>
      logger.error({ err }, 'The listener failed'),
    )
  }
  const dropper =
    dropperOptions === false
      ? undefined
      : startDropper({
          ...(dropperOptions === true ? {} : dropperOptions),
          ...{ quotas: limits, peers, clock, random, logger, metrics },
        })

  let closing: Promise<void> | undefined
  async function shutDown(): Promise<void> {
    const reason = DisconnectReason.ClientQuitting
    lifetime.abort(new P2pError('P2P_REQUESTED', 'the server is closing', { reason, rule: 'closing' }))
    beginning.cancel()
    begin()
    dropper?.close()
    await closeAll({ started, peers, dialer, settingUp, letGoOfDatabase, clock, logger })
    bandwidth.close()
    events.end()
  }
  function throwIfClosed(): void {
    if (closing !== undefined) throw new P2pError('P2P_REQUESTED', 'the server is closed', { rule: 'closing' })
  }

  const server: P2pServer = {
    localNode,
    on: events.on,
    events: events.stream,
    nodeInfo: () => nodeInfo({ ...started, localNode, clientId, protocols }),
    peers: () => peers.all(),
    dialState: dialer.state,
    explainDial: dialer.explain,
    addPeer(input) {
      throwIfClosed()
      const node = readNode(input, crypto)
      statics.add(node)
      lookUpNames?.(statics, node.nodeIdHex)
      dialer.addStatic(node)
    },
    removePeer(input) {
      const { nodeIdHex } = readNode(input, crypto)
      statics.delete(nodeIdHex)
      const wasStatic = dialer.removeStatic(nodeIdHex)
      const peer = peers.get(nodeIdHex)
      peer?.endBy('removed', DisconnectReason.Requested)
      return wasStatic || peer !== undefined
    },
    addTrustedPeer(input) {
      throwIfClosed()
      const node = readNode(input, crypto)
      trusted.add(node)
      lookUpNames?.(trusted, node.nodeIdHex)
    },
    removeTrustedPeer: (input) => trusted.delete(readNode(input, crypto).nodeIdHex),
    close: () => (closing ??= shutDown()),
    [Symbol.asyncDispose]: () => server.close(),
  }
  return server
}
