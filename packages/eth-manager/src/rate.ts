import type { Clock } from '@ethwire/io'

/** What is asked of peers. */
export type RequestKind = 'headers' | 'bodies' | 'receipts'

/** How fast one peer answers. */
export interface PeerRate {
  /** How many items to ask for, so that the answer takes the targeted round trip; at least 1. */
  capacity(kind: RequestKind): number
  /**
   * Notes an answer. `busyMs` is how long the peer worked for this one alone, `roundTripMs` how long we waited; with
   * requests in a row these differ.
   */
  answered(kind: RequestKind, items: number, busyMs: number, roundTripMs: number): void
  /** Notes that nothing came: the next request is a small one. */
  failed(kind: RequestKind): void
}

/** How fast the peers answer together; what is too late is told from it. */
export interface RateEstimator {
  add(): PeerRate
  remove(rate: PeerRate): void
  /** How long an answer may take until others are asked, too. */
  timeoutMs(): number
  /** What an answer took of late, without any floor. Undefined before the first. */
  typicalMs(kind: RequestKind): number | undefined
}

// The figures are those of geth's p2p/msgrate; the first answer counts whole, since a sync on a fast link is over before
// an average that starts at nothing has found out how fast the link is.
const impact = 0.1
const overestimation = 1.01
const minRoundTripMs = 500
const maxRoundTripMs = 20_000
const targetFactor = 0.9
const timeoutFactor = 3
const maxTimeoutMs = 60_000
const tuningImpact = 0.25
const minConfidence = 0.1
const confidencePeers = 10
/** Before anything is known. */
const firstRoundTripMs = 2_000

interface Tracker extends PeerRate {
  roundTripMs: number | undefined
}

/** Measures peers, so that requests are as large as each can answer in time. */
export function createRateEstimator(clock: Clock): RateEstimator {
  const trackers = new Set<Tracker>() // bounded: the peers
  const typical: Partial<Record<RequestKind, number>> = {}
  let roundTripMs: number | undefined
  let confidence = 1
  let tunedAtMs = clock.monotonicMs()

  const clamp = (value: number): number => Math.min(maxRoundTripMs, Math.max(minRoundTripMs, value))

  // The round trip of the ones that are fast, but not the fastest.
  const median = (): number => {
    const known = [...trackers]
      .flatMap(({ roundTripMs: trip }) => (trip === undefined ? [] : [trip]))
      .sort((a, b) => a - b)
    return clamp(known[Math.min(known.length - 1, Math.floor(Math.sqrt(known.length)))] ?? firstRoundTripMs)
  }

  const tune = (): void => {
    const now = clock.monotonicMs()
    if (roundTripMs === undefined) roundTripMs = median()
    else if (now - tunedAtMs < roundTripMs) return
    else roundTripMs = (1 - tuningImpact) * roundTripMs + tuningImpact * median()
    tunedAtMs = now
    confidence += (1 - confidence) / 2
  }

  return {
    add() {
      const throughput: Partial<Record<RequestKind, number>> = {} // items per millisecond
      const tracker: Tracker = {
        roundTripMs: undefined,
        capacity(kind) {
          const targetMs = (roundTripMs ?? firstRoundTripMs) * targetFactor
          return Math.max(1, Math.round(1 + overestimation * (throughput[kind] ?? 0) * targetMs))
        },
        answered(kind, items, busyMs, tripMs) {
          const measured = items / Math.max(busyMs, 0.1)
          const before = throughput[kind]
          throughput[kind] = before === undefined ? measured : (1 - impact) * before + impact * measured
          tracker.roundTripMs =
            tracker.roundTripMs === undefined ? tripMs : (1 - impact) * tracker.roundTripMs + impact * tripMs
          const usual = typical[kind]
          typical[kind] = usual === undefined ? tripMs : (1 - impact) * usual + impact * tripMs
          tune()
        },
        failed(kind) {
          throughput[kind] = 0
        },
      }
      trackers.add(tracker)
      // A new peer makes the estimate less sure, the more so the fewer there are.
      const count = trackers.size
      if (count === 1) confidence = 1
      else if (count < confidencePeers) confidence = Math.max(minConfidence, (confidence * (count - 1)) / count)
      return tracker
    },
    remove: (rate) => void trackers.delete(rate as Tracker),
    timeoutMs: () => Math.min(maxTimeoutMs, (timeoutFactor * (roundTripMs ?? firstRoundTripMs)) / confidence),
    typicalMs: (kind) => typical[kind],
  }
}
