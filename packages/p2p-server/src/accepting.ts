import type { NetRestrict } from '@ethwire/dialer'
import type { ByteStream, Clock, EventSource, Listener, Logger, Metrics, SocketEndpoint } from '@ethwire/io'
import { type IpAddress, parseIp } from '@ethwire/netutil'
import type { Conduct } from './conduct.ts'
import { toP2pError } from './errors.ts'
import { createInboundThrottle } from './inbound-throttle.ts'
import { formatEndpoint } from './info.ts'
import type { RunPeer, SetupProgress } from './peer-runs.ts'
import { type InboundRule, isAdmissionRule } from './rules.ts'
import type { P2pServerEvents } from './server-events.ts'
import { failureClass } from './setup-outcome.ts'

/** Places for handshakes with the addresses of trusted and static nodes, when strangers have taken all others. */
const RESERVED_PENDING = 8

export interface AcceptingOptions {
  /** Connections that may be in their handshake at once; those beyond are closed unread. */
  readonly maxPendingPeers: number
  readonly netRestrict: NetRestrict | undefined
  readonly conduct: Conduct
  /** Whether a node that is wanted at any time is at this address. */
  isWanted(ip: IpAddress): boolean
  readonly runPeer: RunPeer
  /** Nobody is let in before this resolves. */
  readonly begun: Promise<void>
  /** The server's. */
  readonly signal: AbortSignal
  track<T>(work: Promise<T>): Promise<T>
  readonly events: EventSource<P2pServerEvents>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Takes connections until the listener is closed. Who may not be spoken with is closed before a byte is read. */
export async function acceptConnections(listener: Listener, options: AcceptingOptions): Promise<void> {
  const { maxPendingPeers, netRestrict, isWanted, runPeer, begun, signal, track, events, logger, metrics } = options
  const { clock, conduct } = options
  const throttle = createInboundThrottle()
  const serves = metrics.counter('p2p/serves')
  let pending = 0

  function ruleAgainst(remote: SocketEndpoint): InboundRule | undefined {
    const ip = parseIp(remote.ip)
    if (netRestrict !== undefined && (ip === undefined || !netRestrict.contains(ip))) return 'netrestrict'
    if (conduct.isBanned(undefined, remote.ip) && (ip === undefined || !isWanted(ip))) return 'banned'
    if (pending >= maxPendingPeers) {
      const isReserved = ip !== undefined && pending < maxPendingPeers + RESERVED_PENDING && isWanted(ip)
      if (!isReserved) return 'max-pending'
    }
    return ip === undefined || throttle.admits(ip, clock.monotonicMs()) ? undefined : 'throttle'
  }

  async function serve(stream: ByteStream): Promise<void> {
    const { remote } = stream
    const progress: SetupProgress = { stage: 'connect' }
    try {
      await begun
      await runPeer(stream, undefined, signal, progress)
    } catch (cause) {
      const error = toP2pError(cause)
      const { stage, nodeIdHex } = progress
      const { code, rule } = error
      metrics.counter(`p2p/serves/error/${failureClass(error, stage)}`).add()
      logger.debug({ addr: formatEndpoint(remote), err: error.message, code, rule, stage }, 'Inbound setup failed')
      if (isAdmissionRule(rule) && code === 'P2P_REFUSED') events.emit('inbound:refused', { remote, nodeIdHex, rule })
      else events.emit('inbound:failed', { remote, nodeIdHex, error, stage })
      // Until its last word is said, or its time for that is over, it holds a place, and closing waits for it.
      await stream.closed
    }
  }

  for await (const stream of listener) {
    const { remote } = stream
    const rule = ruleAgainst(remote)
    if (rule !== undefined) {
      metrics.counter(`p2p/serves/refused/${rule}`).add()
      logger.trace({ addr: formatEndpoint(remote), rule }, 'Inbound connection refused')
      stream.abort()
      events.emit('inbound:refused', { remote, nodeIdHex: undefined, rule })
      continue
    }
    serves.add()
    pending++
    void track(serve(stream)).finally(() => pending--)
  }
}
