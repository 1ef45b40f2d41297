import type { EthPeer } from '@ethwire/eth-peer'
import { type Clock, createEvents, type Logger, type Metrics } from '@ethwire/io'
import { type Offence, offenceReasons } from './offence.ts'
import { createRateEstimator, type PeerRate, type RateEstimator, type RequestKind } from './rate.ts'

/** What the synchroniser needs of a peer. */
export type SyncPeer = Pick<
  EthPeer,
  'id' | 'version' | 'range' | 'getBlockHeaders' | 'getBlockBodies' | 'getReceipts' | 'on' | 'disconnect' | 'closed'
>

/** A peer with what is known and under way with it. */
export interface PeerState {
  readonly peer: SyncPeer
  readonly rate: PeerRate
  readonly inFlight: Record<RequestKind, number>
  /** Requests past their time whose answer is still awaited; while there are any, nothing new is asked. */
  late: number
  /** When the last answer came, on the monotonic clock. */
  answeredAtMs: number
  /** Whether any answer has come. */
  proven: boolean
  /** Notes that the peer does not have an item, for a while. */
  lack(kind: RequestKind, number: number): void
  lacks(kind: RequestKind, number: number): boolean
  /** Whether bodies and receipts of this block may be asked for. */
  covers(number: number): boolean
}

/** What happens in the set. */
export interface PeerSetEvents {
  /** A peer came or went, or said that it has other blocks. */
  change: undefined
  offence: { readonly peer: SyncPeer; readonly offence: Offence; readonly detail: string }
}

/** The peers that are synced from. */
export interface PeerSet {
  readonly rates: RateEstimator
  /** The peer leaves the set when its connection is over. */
  add(peer: SyncPeer): void
  list(): readonly PeerState[]
  readonly size: number
  /** Counts a peer's offence, names it and, unless told otherwise, ends the connection; once for each peer. */
  offend(state: PeerState, offence: Offence, detail: string, options?: { keep?: boolean }): void
  offences(): Readonly<Record<Offence, number>>
  on<E extends keyof PeerSetEvents>(type: E, listener: (event: PeerSetEvents[E]) => void): () => void
}

export interface PeerSetOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** geth's slack: a peer's announcement may be that much behind what it has. */
const rangeSlack = 64
const maxLacking = 4096
const lackingMs = 15_000

/** Makes an empty set. */
export function createPeerSet({ clock, logger, metrics }: PeerSetOptions): PeerSet {
  const rates = createRateEstimator(clock)
  const states = new Map<SyncPeer, PeerState>() // bounded: the server's peers
  const events = createEvents<PeerSetEvents>((error) => logger.error({ error }, 'An event listener failed'))
  const caught = new WeakSet<PeerState>() // bounded: as the objects that are its keys
  const counts: Record<Offence, number> = { liar: 0, staller: 0, stranger: 0 }
  const gauge = metrics.gauge('eth/sync/peers')

  const changed = (): void => {
    gauge.set(states.size)
    events.emit('change', undefined)
  }

  return {
    rates,
    get size() {
      return states.size
    },
    add(peer) {
      if (states.has(peer)) return
      const state = createPeerState(peer, rates.add(), clock)
      states.set(peer, state)
      const stopListening = peer.on('range', () => {
        state.forget()
        changed()
      })
      peer.closed.then(() => {
        stopListening()
        states.delete(peer)
        rates.remove(state.rate)
        changed()
      })
      changed()
    },
    list: () => [...states.values()],
    offend(state, offence, detail, { keep = false } = {}) {
      if (caught.has(state)) return
      if (!keep) caught.add(state)
      counts[offence]++
      metrics.counter(`eth/sync/offence/${offence}`).add()
      logger.warn({ peer: state.peer.id, offence, detail }, keep ? 'Peer misbehaves' : 'Dropping peer')
      if (!keep) {
        states.delete(state.peer)
        rates.remove(state.rate)
        state.peer.disconnect(offenceReasons[offence])
      }
      events.emit('offence', { peer: state.peer, offence, detail })
      if (!keep) changed()
    },
    offences: () => ({ ...counts }),
    on: events.on,
  }
}

function createPeerState(peer: SyncPeer, rate: PeerRate, clock: Clock): PeerState & { forget(): void } {
  // bounded: maxLacking of each kind, the oldest goes first
  const lacking: Record<RequestKind, Map<number, number>> = {
    headers: new Map(),
    bodies: new Map(),
    receipts: new Map(),
  }
  return {
    peer,
    rate,
    inFlight: { headers: 0, bodies: 0, receipts: 0 },
    late: 0,
    answeredAtMs: Number.NEGATIVE_INFINITY,
    proven: false,
    lack(kind, number) {
      const map = lacking[kind]
      if (map.size >= maxLacking) {
        for (const oldest of map.keys()) {
          map.delete(oldest)
          break
        }
      }
      map.set(number, clock.monotonicMs() + lackingMs)
    },
    lacks(kind, number) {
      const map = lacking[kind]
      if (map.size === 0) return false
      const until = map.get(number)
      if (until === undefined) return false
      if (until > clock.monotonicMs()) return true
      map.delete(number)
      return false
    },
    covers(number) {
      const { earliestBlock, latestBlock } = peer.range
      return number >= Number(earliestBlock) && number <= Number(latestBlock) + rangeSlack
    },
    forget() {
      for (const map of Object.values(lacking)) map.clear()
    },
  }
}
