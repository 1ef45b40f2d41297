import type { NetRestrict } from '@ethwire/dialer'
import type { ByteStream, Listener, Logger, Metrics, SocketEndpoint } from '@ethwire/io'
import { parseIp } from '@ethwire/netutil'
import { P2pError } from './errors.ts'
import { formatEndpoint } from './peer.ts'

export interface AcceptingOptions {
  /** Connections that may be in their handshake at once; those beyond are closed unread. */
  readonly maxPendingPeers: number
  readonly netRestrict: NetRestrict | undefined
  readonly logger: Logger
  readonly metrics: Metrics
  /** From a stream to a running peer; rejects when it does not become one. */
  run(stream: ByteStream): Promise<void>
  failed(remote: SocketEndpoint, error: P2pError): void
}

/** Takes connections until the listener is closed. Who may not be spoken with is closed before a byte is read. */
export async function acceptConnections(listener: Listener, options: AcceptingOptions): Promise<void> {
  const { maxPendingPeers, netRestrict, logger, metrics, run, failed } = options
  let pending = 0
  for await (const stream of listener) {
    const { remote } = stream
    const ip = parseIp(remote.ip)
    if (netRestrict !== undefined && (ip === undefined || !netRestrict.contains(ip))) {
      metrics.counter('p2p/serves/restricted').add()
      stream.abort()
      failed(remote, new P2pError('P2P_RESTRICTED', 'netrestrict does not contain its address'))
      continue
    }
    if (pending >= maxPendingPeers) {
      metrics.counter('p2p/serves/saturated').add()
      stream.abort()
      continue
    }
    pending++
    run(stream)
      .catch((cause: unknown) => {
        const error = cause instanceof P2pError ? cause : new P2pError('P2P_CLOSED', 'the setup failed', { cause })
        metrics.counter('p2p/serves/error').add()
        logger.debug({ addr: formatEndpoint(remote), err: error.message, code: error.code }, 'Inbound setup failed')
        failed(remote, error)
      })
      .finally(() => pending--)
  }
}
