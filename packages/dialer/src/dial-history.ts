import { type Clock, type Random, randomFraction } from '@ethwire/io'

/** geth forgets a dial after 35 s and may dial again then; a public peer refuses the same address for 30 s. */
const REDIAL_MS = 35_000
/** Nodes of the same machine or network don't refuse, so the first redials of a static one come sooner. */
const LOCAL_REDIAL_MS = 1_000
/** A candidate that cannot be reached is left alone for twice as long each time, up to this. */
const MAX_BACKOFF_MS = 10 * 60_000
const MAX_NODES = 8192

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
  /** Failures were the network's: forgets them, except that none is dialled twice within 35 s. */
  forgive(): void
  readonly size: number
}

/** How soon a node is dialled again: as any candidate, as a static node, or as a static node of the local network. */
export type RedialPace = 'candidate' | 'static' | 'local'

export interface DialHistoryOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly random: Random
  /** Of each delay, how much more chance may add: two nodes that clash must not clash again at the same moment. */
  readonly jitter: number
}

interface Entry {
  /** 35 s and more after the dial began. */
  readonly freeMs: number
  untilMs: number
  failures: number
  wasPeer: boolean
}

export function createDialHistory({ clock, random, jitter }: DialHistoryOptions): DialHistory {
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
    if (pace === 'local') return Math.min(REDIAL_MS, LOCAL_REDIAL_MS * 2 ** failures)
    // Who has been a peer comes back when the network does; who never was may never have been there.
    if (pace === 'static' || wasPeer) return REDIAL_MS
    return Math.min(MAX_BACKOFF_MS, REDIAL_MS * 2 ** Math.max(0, failures - 1))
  }

  return {
    waitMs: (nodeId) => Math.max(0, (entries.get(nodeId)?.untilMs ?? 0) - clock.monotonicMs()),
    failures: (nodeId) => entries.get(nodeId)?.failures ?? 0,
    started(nodeId) {
      const { failures = 0, wasPeer = false } = entries.get(nodeId) ?? {}
      const untilMs = clock.monotonicMs() + jittered(REDIAL_MS)
      put(nodeId, { freeMs: untilMs, untilMs, failures, wasPeer })
    },
    ended(nodeId, end, pace) {
      const entry = entries.get(nodeId)
      if (entry === undefined || end === 'peer') return
      // A candidate that is full is there: it is asked again in 35 s, as geth does.
      entry.failures = end === 'full' && pace === 'candidate' ? 0 : entry.failures + 1
      if (pace === 'static' || (pace === 'candidate' && entry.failures < 2)) return
      const laterMs = clock.monotonicMs() + jittered(delayMs(entry, pace))
      entry.untilMs = pace === 'local' ? laterMs : Math.max(entry.untilMs, laterMs)
    },
    parted(nodeId, wasShort, pace) {
      const nowMs = clock.monotonicMs()
      const { freeMs, untilMs, failures, wasPeer } = entries.get(nodeId) ?? {
        ...{ freeMs: nowMs, untilMs: nowMs, failures: 0, wasPeer: false },
      }
      const entry = { freeMs, untilMs, failures: wasShort ? failures + 1 : 0, wasPeer: wasPeer || !wasShort }
      const laterMs = nowMs + jittered(wasShort || pace === 'local' ? delayMs(entry, pace) : LOCAL_REDIAL_MS)
      entry.untilMs = pace === 'local' ? laterMs : Math.max(untilMs, laterMs)
      put(nodeId, entry)
    },
    forgive() {
      for (const entry of entries.values()) {
        entry.failures = 0
        entry.untilMs = Math.min(entry.untilMs, entry.freeMs)
      }
    },
    get size() {
      return entries.size
    },
  }
}
