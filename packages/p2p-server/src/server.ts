import { equalBytes, pureCrypto } from '@ethwire/crypto'
import {
  createDialScheduler,
  type DialOptions,
  type DialOutcome,
  type DialScheduler,
  type DialSchedulerState,
} from '@ethwire/dialer'
import {
  createLocalNode,
  formatNodeId,
  ip6Entry,
  ipEntry,
  type LocalNode,
  type NodeAddress,
  udpEntry,
} from '@ethwire/enr'
import { type ByteStream, createEvents, type Events, noMetrics, silentLogger } from '@ethwire/io'
import { bindDatagram as bindUdp, dialTcp, listenTcp, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import { DisconnectReason } from '@ethwire/protocol'
import { acceptConnections } from './accepting.ts'
import type { AdmissionLimits } from './admission.ts'
import { candidateSources } from './candidates.ts'
import { offeredCapabilities } from './capabilities.ts'
import { createConnector } from './connecting.ts'
import { runHandshake as runHandshakeHere } from './crypto-handshake.ts'
import { dialNode } from './dialing.ts'
import { P2pError } from './errors.ts'
import { BASE_PROTOCOL_VERSION } from './hello.ts'
import type { NodeInfo } from './info.ts'
import type { NodeDatabase } from './node-database.ts'
import { readNode } from './node-input.ts'
import type { NodeInput, P2pServerOptions } from './options.ts'
import { formatEndpoint, type Peer } from './peer.ts'
import { createPeerMap } from './peer-map.ts'
import type { P2pServerEvents } from './server-events.ts'
import { start } from './starting.ts'
import { within } from './within.ts'

/** A running devp2p server. */
export interface P2pServer extends Events<P2pServerEvents>, AsyncDisposable {
  readonly localNode: LocalNode
  /** geth's `admin_nodeInfo`. */
  nodeInfo(): NodeInfo
  peers(): readonly Peer[]
  /** Whom the server dials, and how often each rule refused a node. */
  dialState(): DialSchedulerState
  /** How it stands with dialling one node, by its ID in hex. */
  explainDial(nodeIdHex: string): ReturnType<DialScheduler['explain']>
  /** Connects to a node, and again whenever it is gone, as far as there are places for dialled peers. */
  addPeer(node: NodeInput): void
  /** Ends that, and the connection; false if it was no static node and no peer. */
  removePeer(node: NodeInput): boolean
  /** Ends all peers with reason 8 (client quitting), stops dialling, listening and discovery, within 5 s. Idempotent. */
  close(): Promise<void>
}

/** How long `close` waits for peers and their protocols, and how long of that for discovery. */
const CLOSE_TIMEOUT_MS = 5_000
const CLOSE_DISCOVERY_TIMEOUT_MS = 3_000

/**
 * Starts a server.
 * @throws RangeError for options that can't be; EnrError for a static node that can't be read; P2pError
 * `P2P_LISTEN_FAILED` or `P2P_DISCOVERY_FAILED`: then nothing that was started goes on
 */
export async function createP2pServer(options: P2pServerOptions): Promise<P2pServer> {
  const nodeDatabase = await options.nodeDatabase
  const isOurs = nodeDatabase !== undefined && nodeDatabase !== options.nodeDatabase
  const letGo = async (): Promise<void> => {
    await (isOurs && nodeDatabase.close !== undefined ? nodeDatabase.close() : nodeDatabase?.flush?.())
  }
  try {
    return await startServer(options, nodeDatabase, letGo)
  } catch (error) {
    await letGo()
    throw error
  }
}

async function startServer(
  options: P2pServerOptions,
  nodeDatabase: NodeDatabase | undefined,
  letGoOfDatabase: () => Promise<void>,
): Promise<P2pServer> {
  const { protocols, clientId, netRestrict } = options
  const {
    crypto = pureCrypto,
    clock = nodeClock,
    random = nodeRandom,
    dial = dialTcp,
    bind = listenTcp,
    bindDatagram = bindUdp,
    resolver = nodeResolver,
    runHandshake = runHandshakeHere,
    logger = silentLogger,
    metrics = noMetrics,
    maxPendingPeers = 50,
  } = options
  const limits = admissionLimits(options)
  const { privateKey } = options
  const stored = nodeDatabase && { nodeDatabase }
  const localNode =
    options.localNode ??
    (await createLocalNode({ privateKey, crypto, clock, ...(nodeDatabase && { sequenceStore: nodeDatabase }) }))
  const { publicKey } = localNode
  if (!equalBytes(publicKey, crypto.publicKey(privateKey)))
    throw new RangeError('localNode has another key than privateKey')
  const self = formatNodeId(localNode.nodeId)
  const staticInputs = (options.staticNodes ?? []).map((node) => readNode(node, crypto))

  const events = createEvents<P2pServerEvents>((err) => logger.error({ err }, 'An event listener failed'))
  const peers = createPeerMap(clock)
  const peerGauge = metrics.gauge('p2p/peers')
  const lifetime = new AbortController()
  // bounded: maxPendingPeers inbound, the dialer's 50 outbound
  const settingUp = new Set<Promise<unknown>>()

  const connect = createConnector({
    ...{ privateKey, protocols, peers, self, limits, crypto, random, clock, metrics, runHandshake, logger },
    localHello: () => ({
      protocolVersion: BASE_PROTOCOL_VERSION,
      clientId,
      capabilities: offeredCapabilities(protocols),
      listenPort: listener?.local.port ?? 0,
      publicKey,
    }),
    isStatic: (nodeId) => dialer.isStatic(nodeId),
  })

  /** From an open stream to a running peer. @throws P2pError */
  async function runPeer(stream: ByteStream, dialled: NodeAddress | undefined, signal: AbortSignal): Promise<void> {
    let pending: string | undefined
    const onProved = (nodeId: string): void => {
      if (dialled !== undefined) return
      pending = nodeId
      dialer.inboundPending(nodeId)
    }
    try {
      const { peer, ended } = await connect(stream, dialled, signal, onProved)
      const startMs = clock.monotonicMs()
      const { id, inbound, clientId: client } = peer
      dialer.peerAdded({ nodeIdHex: id, dialed: !inbound })
      peerGauge.set(peers.count)
      metrics.counter(inbound ? 'p2p/serves/success' : 'p2p/dials/success').add()
      const addr = formatEndpoint(peer.remote)
      logger.debug({ id, conn: inbound ? 'inbound' : 'dialed', client, addr }, 'Adding p2p peer')
      events.emit('peer:add', { peer })
      void ended.then(({ error, reason, byRemote }) => {
        const durationMs = clock.monotonicMs() - startMs
        dialer.peerRemoved({ nodeIdHex: id, dialed: !inbound })
        peerGauge.set(peers.count)
        logger.debug({ id, durationMs, byRemote, reason, err: error.message }, 'Removing p2p peer')
        events.emit('peer:drop', { peer, error, reason, byRemote, durationMs })
      })
    } finally {
      if (pending !== undefined) dialer.inboundDone(pending)
    }
  }

  async function dialPeer(node: NodeAddress, options: DialOptions): Promise<DialOutcome> {
    const { isStatic } = options
    const signal = AbortSignal.any([lifetime.signal, options.signal])
    let stream: ByteStream | undefined
    await begun.promise
    try {
      stream = await dialNode(node, { dial, resolver, clock, netRestrict }, signal)
      await track(runPeer(stream, node, signal))
      return 'connected'
    } catch (cause) {
      const error = cause instanceof P2pError ? cause : new P2pError('P2P_DIAL_FAILED', 'the dial failed', { cause })
      if (signal.aborted) return 'failed'
      metrics.counter('p2p/dials/error').add()
      logger.debug({ id: node.nodeIdHex, err: error.message, code: error.code }, 'Dial failed')
      events.emit('dial:failed', { node, error, isStatic })
      if (error.code === 'P2P_RESTRICTED') dialer.refused(node, 'netrestrict')
      if (error.reason === DisconnectReason.TooManyPeers) return 'full'
      return stream === undefined ? 'unreachable' : 'failed'
    }
  }

  function track<T>(work: Promise<T>): Promise<T> {
    const done: Promise<unknown> = work.then(
      () => settingUp.delete(done),
      () => settingUp.delete(done),
    )
    settingUp.add(done)
    return work
  }

  const { listener, socket, discovery, natMapping } = await start({
    ...{ options, bind, bindDatagram },
    context: {
      ...{ localNode, privateKey, crypto, clock, random, logger, metrics, signal: lifetime.signal },
      ...stored,
      ...(netRestrict !== undefined && { netRestrict }),
    },
  }).catch((error: unknown) => {
    lifetime.abort(error)
    throw error
  })
  // Nobody is dialled or let in before whoever awaits the server can listen to its events.
  const begun = Promise.withResolvers<void>()
  const beginning = clock.setTimer(0, begun.resolve)
  const dialer = createDialScheduler({
    ...{ clock, random, self, logger, metrics, dial: dialPeer },
    ...{ maxDialed: limits.maxPeers - limits.maxInbound, maxActiveDials: maxPendingPeers },
    ...(netRestrict !== undefined && { netRestrict }),
    sources: candidateSources({
      ...{ discovery, protocols, sources: options.sources ?? [], dialFilter: options.dialFilter, clock, logger },
      refused: (node, reason) => dialer.refused(node, reason),
    }),
    onRefused: (node, reason) => events.emit('dial:refused', { node, reason }),
  })
  for (const node of staticInputs) dialer.addStatic(node)
  if (listener !== undefined) {
    const accepting = acceptConnections(listener, {
      ...{ maxPendingPeers, netRestrict, logger, metrics },
      run: (stream) => track(begun.promise.then(() => runPeer(stream, undefined, lifetime.signal))),
      failed: (remote, error) => events.emit('inbound:failed', { remote, error }),
    })
    accepting.catch((err: unknown) => logger.error({ err }, 'The listener failed'))
  }

  let closing: Promise<void> | undefined
  async function shutDown(): Promise<void> {
    lifetime.abort(new P2pError('P2P_REQUESTED', 'the server is closing', { reason: DisconnectReason.ClientQuitting }))
    beginning.cancel()
    begun.resolve()
    const all = peers.all()
    for (const peer of all) peer.disconnect(DisconnectReason.ClientQuitting)
    const gone = all.map((peer) => peers.gone(peer.id))
    const parts = [
      ending('dialler', dialer),
      ending('listener', listener),
      ending('port mapping', natMapping),
      closeDiscovery().then(() => ending('node database', { close: letGoOfDatabase })),
    ]
    await within(clock, CLOSE_TIMEOUT_MS, Promise.all([...parts, ...settingUp, ...gone]))
  }

  async function ending(what: string, part: { close(): Promise<void> } | undefined): Promise<void> {
    try {
      await part?.close()
    } catch (err) {
      logger.error({ err }, `The ${what} did not close`)
    }
  }

  /** The socket last, whatever a protocol does. */
  async function closeDiscovery(): Promise<void> {
    const closed = discovery.map(({ name, discovery }) => ending(name, discovery))
    await within(clock, CLOSE_DISCOVERY_TIMEOUT_MS, Promise.all(closed))
    await ending('UDP socket', socket)
  }

  const server: P2pServer = {
    localNode,
    on: events.on,
    nodeInfo() {
      const { record } = localNode
      return {
        id: self,
        name: clientId,
        enode: localNode.enode,
        enr: record.text,
        ip: record.get(ipEntry) ?? record.get(ip6Entry) ?? '',
        ports: { discovery: record.get(udpEntry) ?? socket?.local.port ?? 0, listener: listener?.local.port ?? 0 },
        listenAddr: listener === undefined ? '' : formatEndpoint(listener.local),
        protocols: Object.fromEntries(protocols.map((protocol) => [protocol.name, protocol.nodeInfo?.() ?? 'unknown'])),
      }
    },
    peers: () => peers.all(),
    dialState: dialer.state,
    explainDial: dialer.explain,
    addPeer(input) {
      if (closing !== undefined) throw new P2pError('P2P_REQUESTED', 'the server is closed')
      const node = readNode(input, crypto)
      dialer.addStatic(node)
    },
    removePeer(input) {
      const nodeId = readNode(input, crypto).nodeIdHex
      const wasStatic = dialer.removeStatic(nodeId)
      const peer = peers.get(nodeId)
      peer?.disconnect(DisconnectReason.Requested)
      return wasStatic || peer !== undefined
    },
    close: () => (closing ??= shutDown()),
    [Symbol.asyncDispose]: () => server.close(),
  }
  return server
}

function admissionLimits({ maxPeers = 50, dialRatio = 3 }: P2pServerOptions): AdmissionLimits {
  if (!Number.isInteger(maxPeers) || maxPeers < 0)
    throw new RangeError(`maxPeers must be an integer from 0, got ${maxPeers}`)
  if (!(dialRatio >= 1)) throw new RangeError(`dialRatio must be at least 1, got ${dialRatio}`)
  const maxDialled = maxPeers === 0 ? 0 : Math.max(1, Math.floor(maxPeers / dialRatio))
  return { maxPeers, maxInbound: maxPeers - maxDialled }
}
