import type { Crypto } from '@ethwire/crypto'
import { formatEnode, formatNodeId, type NodeAddress, nodeIdFromPublicKey } from '@ethwire/enr'
import type { ByteStream, Clock, Logger, Metrics, Random } from '@ethwire/io'
import { DisconnectReason, type Protocol } from '@ethwire/protocol'
import { type AdmissionLimits, admit, type Candidate, replaces } from './admission.ts'
import type { ConnectionAllowances } from './bandwidth.ts'
import { type SharedProtocol, sharedProtocols } from './capabilities.ts'
import { givenUp, refusal, type SetUpConnection, setUpConnection } from './connection-setup.ts'
import type { RunHandshake } from './crypto-handshake.ts'
import { toP2pError } from './errors.ts'
import type { Hello } from './hello.ts'
import { createIngressBudget } from './ingress-budget.ts'
import { createPeer, type MessageListener, type Peer, type PeerEnd } from './peer.ts'
import type { PeerMap } from './peer-map.ts'
import { createTraffic, createTrafficMetrics } from './traffic.ts'
import type { MessageRules, NewTransport } from './transport.ts'
import { createTurnstile } from './turnstile.ts'
import { within } from './within.ts'

/** Ping, Pong and Disconnect are tiny; whatever else comes below code 16 is ignored, but not inflated at any size. */
const MAX_BASE_MESSAGE_BYTES = 2048

/** How long a connection waits for the end of the one that it replaces. */
const REPLACE_TIMEOUT_MS = 5_000

/** What making peers of streams needs. */
export interface ConnectorOptions {
  readonly privateKey: Uint8Array
  readonly localHello: () => Hello
  readonly protocols: readonly Protocol[]
  readonly peers: PeerMap
  /** Our node ID, hex. */
  readonly self: string
  readonly limits: AdmissionLimits
  readonly isStatic: (nodeId: string) => boolean
  readonly isTrusted: (nodeId: string) => boolean
  readonly isBanned: (nodeId: string, ip: string) => boolean
  /** What one more connection may take of the network. */
  readonly allowances: () => ConnectionAllowances
  readonly onMessage: MessageListener | undefined
  /** Shown each peer before its subprotocols run. */
  readonly newPeerHook: ((peer: Peer) => void) | undefined
  readonly crypto: Crypto
  readonly random: Random
  readonly clock: Clock
  readonly metrics: Metrics
  readonly runHandshake: RunHandshake
  readonly newTransport: NewTransport
  readonly logger: Logger
}

/**
 * From an open stream to a peer that is in the map; `run` has its subprotocols begin. `dialled` is absent when they dialled us; `onProved` is told
 * the node ID once the other side has proved it.
 * @throws P2pError
 */
export type Connect = (
  stream: ByteStream,
  dialled: NodeAddress | undefined,
  signal: AbortSignal,
  onProved?: (nodeId: string) => void,
) => Promise<{ peer: Peer; run: () => Promise<PeerEnd> }>

/** Makes what a server connects by, whoever dialled. */
export function createConnector(options: ConnectorOptions): Connect {
  const { protocols, peers, self, limits, isStatic, isTrusted, isBanned, onMessage, newPeerHook } = options
  const { crypto, clock, logger } = options
  const trafficMetrics = createTrafficMetrics(options.metrics)
  const ingress = createIngressBudget(clock)
  const turnstile = createTurnstile(clock)

  function callHook(peer: Peer): void {
    const failed = (err: unknown): void => logger.error({ err }, 'newPeerHook failed')
    try {
      const done: unknown = newPeerHook?.(peer)
      // Nobody waits for one that is async.
      if (done instanceof Promise) done.catch(failed)
    } catch (err) {
      failed(err)
    }
  }

  return async (stream, dialled, signal, onProved) => {
    const candidateOf = (key: Uint8Array, shared?: number): Candidate => {
      const nodeId = formatNodeId(nodeIdFromPublicKey(key, { crypto }))
      return {
        ...{ nodeId, inbound: dialled === undefined, trusted: isTrusted(nodeId), isStatic: isStatic(nodeId) },
        isBanned: isBanned(nodeId, stream.remote.ip),
        ...(shared !== undefined && { sharedProtocols: shared }),
      }
    }
    const { upload, download, close } = options.allowances()
    void stream.closed.then(close)
    const connection = await setUpConnection(stream, {
      ...{ ...options, upload, download, turnstile },
      localHello: options.localHello(),
      remotePublicKey: dialled?.publicKey,
      signal,
      admit(key) {
        const candidate = candidateOf(key)
        onProved?.(candidate.nodeId)
        return admit(candidate, peers, self, limits)
      },
    })
    try {
      return await enter(connection, stream, dialled, signal, candidateOf)
    } catch (cause) {
      const error = toP2pError(cause)
      void connection.transport.disconnect(error.reason ?? DisconnectReason.Requested, error)
      throw error
    }
  }

  async function enter(
    { transport, hello, remotePublicKey }: SetUpConnection,
    stream: ByteStream,
    dialled: NodeAddress | undefined,
    signal: AbortSignal,
    candidateOf: (key: Uint8Array, shared: number) => Candidate,
  ): ReturnType<Connect> {
    const shared = sharedProtocols(protocols, hello.capabilities)
    const candidate = candidateOf(remotePublicKey, shared.length)
    const { nodeId, inbound } = candidate
    if (replaces(candidate, peers, self) && admit(candidate, peers, self, limits) === undefined) {
      peers.get(nodeId)?.endBy('replaced', DisconnectReason.AlreadyConnected)
      await within(clock, REPLACE_TIMEOUT_MS, peers.gone(nodeId))
    }
    // The second check: nothing may be awaited between it and the entry in the map, else it would be stale.
    const refused = admit(candidate, peers, self, limits)
    const error = signal.aborted ? givenUp(signal) : refused && refusal(refused)
    if (error !== undefined) throw error
    const share = ingress.share(() => peer.endBy('ingress-budget', DisconnectReason.Timeout))
    transport.startMessages({ ...messageRules(shared), onBuffered: (bytes) => share.hold(transport, bytes) })
    const { ip: host, port: tcpPort } = stream.remote
    const peer = createPeer({
      ...{ transport, hello, nodeId, inbound, shared, onMessage, clock, logger },
      onWaiting: (protocol, bytes) => share.hold(protocol, bytes),
      traffic: createTraffic(shared, trafficMetrics),
      enode: formatEnode({ publicKey: remotePublicKey, host, tcpPort, udpPort: dialled?.udpPort ?? tcpPort }),
      enr: dialled?.record?.text,
      isStatic: () => isStatic(nodeId),
      trusted: () => isTrusted(nodeId),
      remote: stream.remote,
      local: stream.local,
    })
    callHook(peer)
    const run = peers.enter(peer)
    return {
      peer,
      async run() {
        const end = await run()
        share.close()
        return end
      },
    }
  }
}

function messageRules(shared: readonly SharedProtocol[]): MessageRules {
  const protocolOf = (code: number): SharedProtocol | undefined =>
    shared.find(({ offset, length }) => code >= offset && code < offset + length)
  return {
    maxMessageBytes(code) {
      const found = protocolOf(code)
      if (found === undefined) return MAX_BASE_MESSAGE_BYTES
      const { maxMessageBytes, maxBytesOf } = found.protocol.limits
      return Math.min(maxMessageBytes, maxBytesOf?.(code - found.offset) ?? maxMessageBytes)
    },
    reportsOversized: (code) => protocolOf(code)?.protocol.limits.oversized === 'report',
  }
}
