import type { DialScheduler } from '@ethwire/dialer'
import type { NodeAddress } from '@ethwire/enr'
import type { ByteStream, Clock, EventSource, Logger, Metrics } from '@ethwire/io'
import type { Conduct } from './conduct.ts'
import type { Connect } from './connecting.ts'
import { toP2pError } from './errors.ts'
import { formatEndpoint } from './info.ts'
import type { Peer, PeerEnd } from './peer.ts'
import type { PeerMap } from './peer-map.ts'
import type { P2pServerEvents, SetupStage } from './server-events.ts'

/** From when on geth's metrics count a peer as one that stays. */
const LASTING_MS = 60_000

/** How far a connection has come. */
export interface SetupProgress {
  stage: SetupStage
  /** Once the other side has proved it. */
  nodeIdHex?: string
}

type ToldOfPeers = Pick<DialScheduler, 'peerAdded' | 'peerRemoved' | 'inboundPending' | 'inboundDone'>

export interface PeerRunsOptions {
  readonly connect: Connect
  readonly peers: PeerMap
  readonly dialer: () => ToldOfPeers
  readonly events: EventSource<P2pServerEvents>
  readonly conduct: Conduct
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * From an open stream to a running peer, whoever dialled; `dialled` is absent when they did. Resolves when it runs.
 * @throws P2pError when it does not become one; `progress` says how far it came
 */
export type RunPeer = (
  stream: ByteStream,
  dialled: NodeAddress | undefined,
  signal: AbortSignal,
  progress: SetupProgress,
) => Promise<void>

/** Makes what makes peers, and tells of them: the dialler, the metrics, the log, whoever listens to events. */
export function createPeerRuns(options: PeerRunsOptions): RunPeer {
  const { connect, peers, dialer, events, conduct, clock, logger, metrics } = options
  const gauges = {
    all: metrics.gauge('p2p/peers'),
    inbound: metrics.gauge('p2p/peers/inbound'),
    outbound: metrics.gauge('p2p/peers/outbound'),
  }
  const showCounts = (): void => {
    const { count, inboundCount } = peers
    gauges.all.set(count)
    gauges.inbound.set(inboundCount)
    gauges.outbound.set(count - inboundCount)
  }

  // It may be the user's own: what it throws costs no peer.
  const tellDialer = (tell: (it: ToldOfPeers) => unknown): void => {
    const failed = (err: unknown): void => logger.error({ err }, 'The dial scheduler failed')
    try {
      Promise.resolve(tell(dialer())).catch(failed)
    } catch (err) {
      failed(err)
    }
  }

  function added(peer: Peer, run: () => Promise<PeerEnd>): void {
    const startMs = clock.monotonicMs()
    const { id, inbound, clientId: client } = peer
    tellDialer((it) => it.peerAdded({ nodeIdHex: id, dialed: !inbound }))
    showCounts()
    const successes = inbound ? 'p2p/serves/success' : 'p2p/dials/success'
    metrics.counter(successes).add()
    const lasting = clock.setTimer(LASTING_MS, () => metrics.counter(`${successes}/1min`).add())
    const conn = `${inbound ? 'inbound' : 'dialed'}${peer.isStatic ? '-static' : ''}${peer.trusted ? '-trusted' : ''}`
    const addr = formatEndpoint(peer.remote)
    logger.debug({ id, conn, client, addr, peercount: peers.count }, 'Adding p2p peer')
    events.emit('peer:add', { peer })
    // Whoever listens knows the peer before its first message.
    void run().then(({ error, reason, byRemote }) => {
      const durationMs = clock.monotonicMs() - startMs
      lasting.cancel()
      conduct.ended(peer, error, durationMs)
      tellDialer((it) => it.peerRemoved({ nodeIdHex: id, dialed: !inbound }))
      showCounts()
      const { bytesReceived, bytesSent } = peer
      logger.debug(
        { id, durationMs, byRemote, reason, err: error.message, peercount: peers.count },
        'Removing p2p peer',
      )
      const side = byRemote ? 'remote' : 'local'
      const { rule } = error
      events.emit('peer:drop', { peer, error, reason, side, rule, durationMs, bytesReceived, bytesSent })
    })
  }

  return async (stream, dialled, signal, progress) => {
    progress.stage = 'handshake'
    let pending: string | undefined
    const onProved = (nodeId: string): void => {
      progress.stage = 'hello'
      progress.nodeIdHex = nodeId
      if (dialled !== undefined) return
      pending = nodeId
      tellDialer((it) => it.inboundPending(nodeId))
    }
    try {
      const { peer, run } = await connect(stream, dialled, signal, onProved)
      added(peer, run)
    } catch (cause) {
      const error = toP2pError(cause)
      if (error.code === 'P2P_INTERNAL') {
        const addr = formatEndpoint(stream.remote)
        logger.error({ addr, stage: progress.stage, err: error.cause }, 'A connection is lost by a fault of this side')
      }
      conduct.notSetUp({ ip: stream.remote.ip, inbound: dialled === undefined }, progress, error)
      throw error
    } finally {
      if (pending !== undefined) {
        const nodeId = pending
        tellDialer((it) => it.inboundDone(nodeId))
      }
    }
  }
}
