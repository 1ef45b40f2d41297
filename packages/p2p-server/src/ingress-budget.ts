import type { Clock } from '@ethwire/io'

/** Bytes that wait, of all peers together. */
const MAX_BYTES = 64 * 1024 * 1024
/** Who holds no more than this is never ended for it. */
const FREE_BYTES = 256 * 1024

/** What waits of one peer. */
interface IngressShare {
  /** Tells how many bytes wait now at one of the places where they do. */
  hold(place: object, bytes: number): void
  /** Idempotent. */
  close(): void
}

/**
 * Shared by all peers: what came in and has not been read by its subprotocol, in frames that are not complete and in
 * inboxes. When it is too much, the peer is ended that has held the most for the longest.
 */
export interface IngressBudget {
  /** The share of one peer, which `end` has to end. */
  share(end: () => void): IngressShare
}

interface Holder {
  readonly places: Map<object, number>
  bytes: number
  /** Since when it has held more than `FREE_BYTES`. */
  sinceMs: number
  readonly end: () => void
}

/** Makes a budget for all peers of a server. */
export function createIngressBudget(clock: Pick<Clock, 'monotonicMs'>, maxBytes: number = MAX_BYTES): IngressBudget {
  const holders = new Set<Holder>() // bounded: one a peer
  let heldBytes = 0

  const remove = (holder: Holder): void => {
    if (holders.delete(holder)) heldBytes -= holder.bytes
  }

  const endWorst = (): void => {
    const now = clock.monotonicMs()
    const cost = ({ bytes, sinceMs }: Holder): number => bytes * (1 + now - sinceMs)
    let worst: Holder | undefined
    for (const holder of holders) {
      if (holder.bytes <= FREE_BYTES) continue
      if (worst === undefined || cost(holder) > cost(worst)) worst = holder
    }
    if (worst === undefined) return
    remove(worst)
    worst.end()
  }

  return {
    share(end) {
      // bounded: the transport and each shared subprotocol
      const places = new Map<object, number>()
      const holder: Holder = { places, bytes: 0, sinceMs: 0, end }
      holders.add(holder)
      return {
        hold(place, bytes) {
          if (!holders.has(holder)) return
          const more = bytes - (places.get(place) ?? 0)
          places.set(place, bytes)
          if (holder.bytes <= FREE_BYTES) holder.sinceMs = clock.monotonicMs()
          holder.bytes += more
          heldBytes += more
          if (heldBytes > maxBytes) endWorst()
        },
        close: () => remove(holder),
      }
    },
  }
}
