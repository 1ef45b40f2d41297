import { equalBytes, pureCrypto } from '@ethwire/crypto'
import {
  createLocalNode,
  defineEntry,
  formatNodeId,
  ip6Entry,
  ipEntry,
  type LocalNode,
  maxRecordBytes,
  type NodeAddress,
  tcpEntry,
  udpEntry,
} from '@ethwire/enr'
import { type ByteStream, createEvents, type Events, type Listener, noMetrics, silentLogger } from '@ethwire/io'
import { dialTcp, listenTcp, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import { isLan, isUnspecified, parseIp } from '@ethwire/netutil'
import { DisconnectReason } from '@ethwire/protocol'
import { raw } from '@ethwire/rlp-codec'
import type { AdmissionLimits } from './admission.ts'
import { offeredCapabilities } from './capabilities.ts'
import { createConnector } from './connecting.ts'
import { runHandshake as runHandshakeHere } from './crypto-handshake.ts'
import { dialNode } from './dialing.ts'
import { P2pError } from './errors.ts'
import { BASE_PROTOCOL_VERSION } from './hello.ts'
import type { NodeInfo } from './info.ts'
import { readNode } from './node-input.ts'
import type { NodeInput, P2pServerOptions } from './options.ts'
import { formatEndpoint, type Peer } from './peer.ts'
import { createPeerMap } from './peer-map.ts'
import type { P2pServerEvents } from './server-events.ts'
import { createStaticNodes } from './static-nodes.ts'
import { within } from './within.ts'

/** A running devp2p server. */
export interface P2pServer extends Events<P2pServerEvents>, AsyncDisposable {
  readonly localNode: LocalNode
  /** geth's `admin_nodeInfo`. */
  nodeInfo(): NodeInfo
  peers(): readonly Peer[]
  /** Connects to a node, and again whenever it is gone. */
  addPeer(node: NodeInput): void
  /** Ends that, and the connection; false if it was no static node and no peer. */
  removePeer(node: NodeInput): boolean
  /** Ends all peers with reason 8 (client quitting) and stops listening, within 5 s. Idempotent. */
  close(): Promise<void>
}

/** As geth: with nothing better known, a node is at least reachable from its own machine. */
const LOOPBACK = '127.0.0.1'

/** How long `close` waits for peers and their protocols. */
const CLOSE_TIMEOUT_MS = 5_000

/**
 * Starts a server.
 * @throws RangeError for options that can't be; P2pError `P2P_LISTEN_FAILED`; EnrError for a static node that can't be read
 */
export async function createP2pServer(options: P2pServerOptions): Promise<P2pServer> {
  const { protocols, clientId } = options
  const {
    crypto = pureCrypto,
    clock = nodeClock,
    random = nodeRandom,
    dial = dialTcp,
    bind = listenTcp,
    resolver = nodeResolver,
    runHandshake = runHandshakeHere,
    logger = silentLogger,
    metrics = noMetrics,
    maxPendingPeers = 50,
  } = options
  const limits = admissionLimits(options)
  const { privateKey } = options
  const localNode = options.localNode ?? (await createLocalNode({ privateKey, crypto, clock }))
  const { publicKey } = localNode
  if (!equalBytes(publicKey, crypto.publicKey(privateKey)))
    throw new RangeError('localNode has another key than privateKey')
  const self = formatNodeId(localNode.nodeId)
  const staticInputs = (options.staticNodes ?? []).map((node) => readNode(node, crypto))

  const events = createEvents<P2pServerEvents>((err) => logger.error({ err }, 'An event listener failed'))
  const peers = createPeerMap(clock)
  const peerGauge = metrics.gauge('p2p/peers')
  const lifetime = new AbortController()
  // bounded: maxPendingPeers inbound, one a static node outbound
  const settingUp = new Set<Promise<unknown>>()
  const dialing = new Set<string>() // bounded: one a static node
  let pendingInbound = 0
  let listener: Listener | undefined

  const connect = createConnector({
    ...{ privateKey, protocols, peers, self, limits, crypto, random, clock, metrics, runHandshake, logger },
    localHello: () => ({
      protocolVersion: BASE_PROTOCOL_VERSION,
      clientId,
      capabilities: offeredCapabilities(protocols),
      listenPort: listener?.local.port ?? 0,
      publicKey,
    }),
    isStatic: (nodeId) => staticNodes.has(nodeId),
  })

  /** From an open stream to a running peer. @throws P2pError */
  async function runPeer(stream: ByteStream, dialled: NodeAddress | undefined, signal: AbortSignal): Promise<void> {
    const { peer, ended } = await connect(stream, dialled, signal)
    const startMs = clock.monotonicMs()
    const { id, inbound, clientId: client } = peer
    peerGauge.set(peers.count)
    metrics.counter(inbound ? 'p2p/serves/success' : 'p2p/dials/success').add()
    const addr = formatEndpoint(peer.remote)
    logger.debug({ id, conn: inbound ? 'inbound' : 'dialed', client, addr }, 'Adding p2p peer')
    events.emit('peer:add', { peer })
    void ended.then(({ error, reason, byRemote }) => {
      const durationMs = clock.monotonicMs() - startMs
      peerGauge.set(peers.count)
      logger.debug({ id, durationMs, byRemote, reason, err: error.message }, 'Removing p2p peer')
      events.emit('peer:drop', { peer, error, reason, byRemote, durationMs })
    })
  }

  async function dialStatic(node: NodeAddress, signal: AbortSignal): Promise<boolean> {
    const nodeId = node.nodeIdHex
    if (dialing.has(nodeId)) return false
    dialing.add(nodeId)
    try {
      const stream = await dialNode(node, { dial, resolver, clock }, signal)
      await track(runPeer(stream, node, signal))
      return true
    } catch (cause) {
      const error = cause instanceof P2pError ? cause : new P2pError('P2P_DIAL_FAILED', 'the dial failed', { cause })
      if (!signal.aborted) {
        metrics.counter('p2p/dials/error').add()
        logger.debug({ id: nodeId, err: error.message, code: error.code }, 'Dial failed')
        events.emit('dial:failed', { node, error })
      }
      return false
    } finally {
      dialing.delete(nodeId)
    }
  }

  async function acceptFrom(source: Listener): Promise<void> {
    for await (const stream of source) {
      if (pendingInbound >= maxPendingPeers) {
        metrics.counter('p2p/serves/saturated').add()
        stream.abort()
        continue
      }
      pendingInbound++
      void track(runPeer(stream, undefined, lifetime.signal))
        .catch((cause: unknown) => {
          const error = cause instanceof P2pError ? cause : new P2pError('P2P_CLOSED', 'the setup failed', { cause })
          metrics.counter('p2p/serves/error').add()
          logger.debug(
            { addr: formatEndpoint(stream.remote), err: error.message, code: error.code },
            'Inbound setup failed',
          )
          events.emit('inbound:failed', { remote: stream.remote, error })
        })
        .finally(() => pendingInbound--)
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

  const staticNodes = createStaticNodes<NodeAddress>({
    clock,
    random,
    connect: (node, signal) => dialStatic(node, AbortSignal.any([signal, lifetime.signal])),
    isConnected: (nodeId) => peers.get(nodeId) !== undefined,
    gone: (nodeId) => peers.gone(nodeId),
    onError: (err) => logger.error({ err }, 'A static node is no longer dialled'),
    isLocal: ({ host }) => host !== undefined && parseIp(host) !== undefined && isLan(host),
  })

  for (const protocol of protocols) {
    for (const entry of protocol.recordEntries?.() ?? [])
      localNode.set(defineEntry(entry.key, raw(maxRecordBytes)), entry.value)
  }
  if (options.listen !== undefined) {
    const { host = '0.0.0.0', port } = options.listen
    try {
      listener = await bind({ ip: host, port })
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new P2pError('P2P_LISTEN_FAILED', `can't listen on ${formatEndpoint({ ip: host, port })}: ${message}`, {
        cause,
      })
    }
    localNode.set(tcpEntry, listener.local.port)
    localNode.setFallbackIp(isUnspecified(listener.local.ip) ? LOOPBACK : listener.local.ip)
    const accepting = acceptFrom(listener)
    accepting.catch((err: unknown) => logger.error({ err }, 'The listener failed'))
  }
  for (const node of staticInputs) staticNodes.add(node.nodeIdHex, node)

  let closing: Promise<void> | undefined
  async function shutDown(): Promise<void> {
    lifetime.abort(new P2pError('P2P_REQUESTED', 'the server is closing', { reason: DisconnectReason.ClientQuitting }))
    staticNodes.close()
    await listener?.close()
    const all = peers.all()
    for (const peer of all) peer.disconnect(DisconnectReason.ClientQuitting)
    await within(clock, CLOSE_TIMEOUT_MS, Promise.all([...settingUp, ...all.map((peer) => peers.gone(peer.id))]))
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
        ports: { discovery: record.get(udpEntry) ?? 0, listener: listener?.local.port ?? 0 },
        listenAddr: listener === undefined ? '' : formatEndpoint(listener.local),
        protocols: Object.fromEntries(protocols.map((protocol) => [protocol.name, protocol.nodeInfo?.() ?? 'unknown'])),
      }
    },
    peers: () => peers.all(),
    addPeer(input) {
      if (closing !== undefined) throw new P2pError('P2P_REQUESTED', 'the server is closed')
      const node = readNode(input, crypto)
      staticNodes.add(node.nodeIdHex, node)
    },
    removePeer(input) {
      const nodeId = readNode(input, crypto).nodeIdHex
      const wasStatic = staticNodes.remove(nodeId)
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
