import { type Clock, type Logger, type Metrics, type Random, randomInteger } from '@ethwire/io'
import { DisconnectReason } from '@ethwire/protocol'
import type { Peer, RunningPeer } from './peer.ts'
import type { PeerMap } from './peer-map.ts'
import type { Quotas } from './quotas.ts'

// geth's times (eth/dropper.go).
const MIN_INTERVAL_MS = 3 * 60_000
const MAX_INTERVAL_MS = 7 * 60_000
const MIN_AGE_MS = 10 * 60_000

/** What an application knows of its peers that the dropper does not. */
export interface DropperOptions {
  /** Whether a peer is worth keeping; geth keeps those that brought transactions which were included. */
  readonly spares?: (peer: Peer) => boolean
  /** Whether peers may be dropped now; geth drops none while it synchronises. */
  readonly isActive?: () => boolean
}

export interface DropperContext extends DropperOptions {
  readonly quotas: Quotas
  readonly peers: PeerMap
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * geth's dropper: every 3 to 7 minutes, one peer at random leaves, so that others have a chance; only of those that dialled
 * us while their places are all taken, only of those that we dialled while theirs are, and none that is trusted, static or
 * younger than 10 minutes.
 */
export function startDropper(context: DropperContext): { close(): void } {
  const { quotas, peers, spares, isActive, clock, random, logger, metrics } = context
  const skipped = metrics.counter('eth/dropper/skipped')
  const intervalMs = (): number => MIN_INTERVAL_MS + randomInteger(random, MAX_INTERVAL_MS - MIN_INTERVAL_MS)
  let timer = clock.setTimer(intervalMs(), tick)

  function tick(): void {
    timer = clock.setTimer(intervalMs(), tick)
    try {
      if (isActive?.() !== false) dropOne()
    } catch (err) {
      logger.error({ err }, 'The dropper does not know whom it may drop')
    }
  }

  function dropOne(): void {
    const droppable = peersThatMayGo()
    const peer = droppable[randomInteger(random, Math.max(1, droppable.length))]
    if (peer === undefined) {
      skipped.add()
      return
    }
    const { id, inbound } = peer
    logger.debug({ id, inbound }, 'Dropping random peer')
    metrics.counter(inbound ? 'eth/dropper/inbound' : 'eth/dropper/outbound').add()
    peer.endBy('dropper', DisconnectReason.UselessPeer)
  }

  function peersThatMayGo(): RunningPeer[] {
    const { count, inboundCount } = peers
    const isFull = ({ inbound }: Peer): boolean =>
      inbound ? inboundCount >= quotas.maxInbound : count - inboundCount >= quotas.maxDialed
    return peers.all().filter((peer) => {
      if (!isFull(peer) || peer.trusted || peer.isStatic) return false
      const ageMs = peers.connection(peer.id)?.ageMs ?? 0
      return ageMs >= MIN_AGE_MS && spares?.(peer) !== true
    })
  }

  return { close: () => timer.cancel() }
}
