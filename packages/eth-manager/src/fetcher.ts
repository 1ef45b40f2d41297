import type { Clock, Timer } from '@ethwire/io'
import { ProtocolError } from '@ethwire/protocol'
import { offenceOf } from './offence.ts'
import type { PeerSet, PeerState } from './peer-set.ts'
import type { RequestKind } from './rate.ts'

/** A request that one peer is to be sent. */
export interface Assignment {
  readonly items: number
  /**
   * Sends it. The answer is a function that judges and takes it in, and tells how many items were of use; it throws an
   * `OffenceError` for a peer that lied.
   */
  ask(options: { timeoutMs: number; signal: AbortSignal }): Promise<() => number | Promise<number>>
  /** Lets others have what is still missing. Called at least once, perhaps while the answer is still awaited. */
  release(): void
}

/** Something that needs to be fetched in parts. */
export interface Source {
  readonly kind: RequestKind
  /**
   * The next part that this peer may be asked for, of at most `maxItems`. With `askedBeforeMs` (monotonic) also what one
   * other peer was asked for before that time and has not delivered.
   */
  reserve(state: PeerState, maxItems: number, askedBeforeMs?: number): Assignment | undefined
  /** Something went wrong that is no peer's fault. */
  fail(error: unknown): void
}

/** Hands out work to all peers at once. */
export interface Fetcher {
  /** Adds a source; earlier ones go first. Returns what takes it out again. */
  add(source: Source): () => void
  /** Looks for peers with room and work for them, soon. */
  wake(): void
  /** Requests under way. */
  readonly outstanding: number
  close(): void
}

export interface FetcherOptions {
  readonly clock: Clock
  readonly peers: PeerSet
}

/** Requests of one kind with one peer at once: enough that it never waits for us. */
const maxInFlight: Readonly<Record<RequestKind, number>> = { headers: 3, bodies: 3, receipts: 3 }
/** Until a peer has answered at all. */
const unprovenInFlight = 1
const sweepMs = 100
/** With nothing under way: how often it is looked whether a peer may be asked again for what it lacked. */
const idleMs = 5_000
/** A request is given to an idle peer, too, when it takes this many times as long as they do of late, and this long. */
const hedgeFactor = 3
const minHedgeMs = 150
const firstHedgeMs = 1_000
/** Who has not answered anything for this long, while others have, is a staller. */
const minStallMs = 5_000
const minAbandonMs = 15_000

interface Outstanding {
  readonly state: PeerState
  readonly assignment: Assignment
  readonly source: Source
  readonly sentAtMs: number
  answered: boolean
  late: boolean
}

/** Makes a fetcher over a set of peers. */
export function createFetcher({ clock, peers }: FetcherOptions): Fetcher {
  const sources: Source[] = [] // bounded: what the synchroniser adds, a handful
  const outstanding = new Set<Outstanding>() // bounded: peers × kinds × maxInFlight
  const abort = new AbortController()
  let waking = false
  let sweep: Timer | undefined
  let idle: Timer | undefined

  const hasRoom = (state: PeerState, kind: RequestKind): boolean =>
    state.late === 0 && state.inFlight[kind] < (state.proven ? maxInFlight[kind] : unprovenInFlight)

  const hedgeBefore = (kind: RequestKind): number => {
    const typical = peers.rates.typicalMs(kind)
    return clock.monotonicMs() - (typical === undefined ? firstHedgeMs : Math.max(minHedgeMs, hedgeFactor * typical))
  }

  const assign = (): void => {
    // One request each in turn, so that the first peer does not take all.
    let candidates = peers.list().filter((state) => state.late === 0)
    while (candidates.length > 0)
      candidates = candidates.filter((state) => sources.some((source) => give(state, source)))
    if (outstanding.size > 0) sweep ??= clock.setTimer(sweepMs, onSweep)
    else if (sources.length > 0 && peers.size > 0) idle ??= clock.setTimer(idleMs, onIdle)
  }

  const give = (state: PeerState, source: Source): boolean => {
    const { kind } = source
    if (!hasRoom(state, kind)) return false
    const idle = state.inFlight[kind] === 0
    const capacity = state.rate.capacity(kind)
    const assignment =
      source.reserve(state, capacity) ?? (idle ? source.reserve(state, capacity, hedgeBefore(kind)) : undefined)
    if (assignment === undefined) return false
    void run(state, source, assignment)
    return true
  }

  const run = async (state: PeerState, source: Source, assignment: Assignment): Promise<void> => {
    const { kind } = source
    const entry: Outstanding = {
      state,
      assignment,
      source,
      sentAtMs: clock.monotonicMs(),
      answered: false,
      late: false,
    }
    outstanding.add(entry)
    state.inFlight[kind]++
    try {
      const timeoutMs = Math.max(minAbandonMs, 2 * peers.rates.timeoutMs())
      const deliver = await assignment.ask({ timeoutMs, signal: abort.signal })
      entry.answered = true
      const now = clock.monotonicMs()
      const busyMs = now - Math.max(entry.sentAtMs, state.answeredAtMs)
      state.answeredAtMs = now
      state.proven = true
      const accepted = await deliver()
      if (accepted > 0) state.rate.answered(kind, accepted, busyMs, now - entry.sentAtMs)
    } catch (error) {
      onFailure(entry, error)
    } finally {
      assignment.release()
      outstanding.delete(entry)
      state.inFlight[kind]--
      if (entry.late) state.late--
      wake()
    }
  }

  const onFailure = (entry: Outstanding, error: unknown): void => {
    const { state, source, answered } = entry
    if (abort.signal.aborted) return
    const offence = offenceOf(error)
    if (offence === undefined) {
      if (answered || !(error instanceof ProtocolError)) source.fail(error)
      return
    }
    state.rate.failed(source.kind)
    const alone = offence === 'staller' && peers.size === 1
    peers.offend(state, offence, (error as Error).message, { keep: alone })
  }

  const onIdle = (): void => {
    idle = undefined
    assign()
  }

  const onSweep = (): void => {
    sweep = undefined
    const now = clock.monotonicMs()
    const timeoutMs = peers.rates.timeoutMs()
    const stallMs = Math.max(minStallMs, 2 * timeoutMs)
    const lastAnswerMs = Math.max(...peers.list().map((state) => state.answeredAtMs))
    for (const entry of outstanding) {
      const { state, source, sentAtMs } = entry
      // Judging takes its time; that is not the peer's.
      if (entry.answered && !entry.late) continue
      if (entry.late || now - sentAtMs >= timeoutMs) {
        if (!entry.late) {
          entry.late = true
          state.late++
          state.rate.failed(source.kind)
          entry.assignment.release()
        }
        const silent = state.answeredAtMs < sentAtMs && now - sentAtMs >= stallMs
        if (silent && lastAnswerMs >= sentAtMs) {
          peers.offend(state, 'staller', `no answer within ${Math.round(now - sentAtMs)} ms, while others answered`)
        }
      }
    }
    assign()
  }

  const wake = (): void => {
    if (waking || abort.signal.aborted) return
    waking = true
    queueMicrotask(() => {
      waking = false
      if (!abort.signal.aborted) assign()
    })
  }

  const stopListening = peers.on('change', wake)

  return {
    add(source) {
      sources.push(source)
      wake()
      return () => {
        const index = sources.indexOf(source)
        if (index >= 0) sources.splice(index, 1)
      }
    },
    wake,
    get outstanding() {
      return outstanding.size
    },
    close() {
      abort.abort(new ProtocolError('PROTOCOL_CLOSED', 'the synchroniser is closed'))
      stopListening()
      sweep?.cancel()
      idle?.cancel()
    },
  }
}
