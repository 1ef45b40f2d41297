import { type Clock, type Random, randomFraction } from '@ethwire/io'

/** Nodes of the same machine or network don't refuse, so the first redials of a static one come sooner. */
const LOCAL_REDIAL_MS = 1_000
/** A candidate that cannot be reached is left alone for twice as long each time, up to this. */
const MAX_BACKOFF_MS = 10 * 60_000
const MAX_NODES = 8192

/** When a scheduler dials a node again. */
export interface RedialRules {
  /** No node is dialled twice within this time. */
  readonly redialMs: number
  /** Whether that time counts from the dial's start or from its end. */
  readonly countsFrom: 'start' | 'end'
  /** After so many failures in a row a candidate is left alone for twice as long each time. */
  readonly patience: number
  /** How long a peer that is gone is left alone. */
  readonly restMs: number
}

/** How a dial ended, as far as the next one depends on it. */
type DialEnd = 'peer' | 'full' | 'failed'

/** Which nodes were dialled, and when each may be again. */
export interface DialHistory {
  /** Milliseconds until the node may be dialled; 0: now. */
  waitMs(nodeId: string): number
  failures(nodeId: string): number
  /** A dial begins. */
  started(nodeId: string): void
  /** It is over. `pace` is that of the node: a candidate, a static node, or a static one of this network. */
  ended(nodeId: string, end: DialEnd, pace: RedialPace): void
  /** A peer is gone. A connection that was short came to nothing. */
  parted(nodeId: string, wasShort: boolean, pace: RedialPace): void
  /** Failures were the network's: forgets them, except that none is dialled twice within the time of the rules. */
  forgive(): void
  /** Forgets a node. */
  forget(nodeId: string): void
  /** Whether the node has been a peer for a while. */
  hasBeenPeer(nodeId: string): boolean
  /** Milliseconds until the first of those may be dialled that may not be now; undefined when there is none. */
  nextWaitMs(): number | undefined
  readonly size: number
}

/** How soon a node is dialled again: as any candidate, as a static node, or as a static node of the local network. */
export type RedialPace = 'candidate' | 'static' | 'local'

export interface DialHistoryOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly random: Random
  /** Of each delay, how much more chance may add: two nodes that clash must not clash again at the same moment. */
  readonly jitter: number
  readonly rules: RedialRules
}

interface Entry {
  /** When the time of the rules is over. */
  freeMs: number
  untilMs: number
  failures: number
  wasPeer: boolean
}

export function createDialHistory({ clock, random, jitter, rules }: DialHistoryOptions): DialHistory {
  const { redialMs, countsFrom, patience, restMs } = rules
  // bounded: 8,192 nodes, the one that was dialled longest ago goes first
  const entries = new Map<string, Entry>()

  const jittered = (ms: number): number => ms * (1 + jitter * randomFraction(random))

  const put = (nodeId: string, entry: Entry): void => {
    entries.delete(nodeId)
    entries.set(nodeId, entry)
    if (entries.size > MAX_NODES) entries.delete(entries.keys().next().value as string)
  }

  /** From a failure to the next dial. */
  function delayMs({ failures, wasPeer }: Entry, pace: RedialPace): number {
    if (pace === 'local') return Math.min(redialMs, LOCAL_REDIAL_MS * 2 ** failures)
    // Who has been a peer comes back when the network does; who never was may never have been there.
    if (pace === 'static' || wasPeer) return redialMs
    return Math.min(MAX_BACKOFF_MS, redialMs * 2 ** Math.max(0, failures - patience))
  }

  return {
    waitMs: (nodeId) => Math.max(0, (entries.get(nodeId)?.untilMs ?? 0) - clock.monotonicMs()),
    failures: (nodeId) => entries.get(nodeId)?.failures ?? 0,
    started(nodeId) {
      const { failures = 0, wasPeer = false } = entries.get(nodeId) ?? {}
      const untilMs = countsFrom === 'start' ? clock.monotonicMs() + jittered(redialMs) : 0
      put(nodeId, { freeMs: untilMs, untilMs, failures, wasPeer })
    },
    ended(nodeId, end, pace) {
      const entry = entries.get(nodeId)
      if (entry === undefined) return
      if (countsFrom === 'end') {
        entry.freeMs = clock.monotonicMs() + jittered(redialMs)
        entry.untilMs = entry.freeMs
      }
      if (end === 'peer') return
      // A candidate that is full is there: it is asked again in 35 s, as geth does.
      entry.failures = end === 'full' && pace === 'candidate' ? 0 : entry.failures + 1
      if (pace === 'static' || (pace === 'candidate' && entry.failures <= patience)) return
      const laterMs = clock.monotonicMs() + jittered(delayMs(entry, pace))
      entry.untilMs = pace === 'local' ? laterMs : Math.max(entry.untilMs, laterMs)
    },
    parted(nodeId, wasShort, pace) {
      const nowMs = clock.monotonicMs()
      const { freeMs, untilMs, failures, wasPeer } = entries.get(nodeId) ?? {
        ...{ freeMs: nowMs, untilMs: nowMs, failures: 0, wasPeer: false },
      }
      const entry = { freeMs, untilMs, failures: wasShort ? failures + 1 : 0, wasPeer: wasPeer || !wasShort }
      const laterMs = nowMs + jittered(wasShort || pace === 'local' ? delayMs(entry, pace) : restMs)
      entry.untilMs = pace === 'local' ? laterMs : Math.max(untilMs, laterMs)
      put(nodeId, entry)
    },
    forgive() {
      for (const entry of entries.values()) {
        entry.failures = 0
        entry.untilMs = Math.min(entry.untilMs, entry.freeMs)
      }
    },
    forget(nodeId) {
      entries.delete(nodeId)
    },
    hasBeenPeer: (nodeId) => entries.get(nodeId)?.wasPeer ?? false,
    nextWaitMs() {
      const nowMs = clock.monotonicMs()
      let nextMs = Number.POSITIVE_INFINITY
      for (const { untilMs } of entries.values()) if (untilMs > nowMs) nextMs = Math.min(nextMs, untilMs)
      return nextMs === Number.POSITIVE_INFINITY ? undefined : nextMs - nowMs
    },
    get size() {
      return entries.size
    },
  }
}
