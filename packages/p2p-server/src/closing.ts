import type { DialScheduler } from '@ethwire/dialer'
import type { Clock, Logger } from '@ethwire/io'
import { DisconnectReason } from '@ethwire/protocol'
import type { PeerMap } from './peer-map.ts'
import type { Started } from './starting.ts'
import { within } from './within.ts'

/** How long closing waits for peers and their protocols, and how long of that for discovery. */
const CLOSE_TIMEOUT_MS = 5_000
const CLOSE_DISCOVERY_TIMEOUT_MS = 3_000

export interface ClosingOptions {
  readonly started: Started
  readonly peers: PeerMap
  readonly dialer: DialScheduler
  /** Connections that are being set up. */
  readonly settingUp: Iterable<Promise<unknown>>
  letGoOfDatabase(): Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/** Ends all that a server has started: peers with reason 8, dials, the listener, discovery, all at once. Never rejects. */
export async function closeAll(options: ClosingOptions): Promise<void> {
  const { started, peers, dialer, settingUp, letGoOfDatabase, clock, logger } = options
  const { listener, socket, discovery, natMapping } = started

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

  const all = peers.all()
  for (const peer of all) peer.endBy('closing', DisconnectReason.ClientQuitting)
  const gone = all.map((peer) => peers.gone(peer.id))
  const parts = [
    ending('dialler', dialer),
    ending('listener', listener),
    ending('port mapping', natMapping),
    closeDiscovery().then(() => ending('node database', { close: letGoOfDatabase })),
  ]
  await within(clock, CLOSE_TIMEOUT_MS, Promise.all([...parts, ...settingUp, ...gone]))
}
