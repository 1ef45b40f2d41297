import { equalBytes } from '@ethwire/crypto'
import type { ReceivedHeader } from '@ethwire/eth-peer'
import { onAbort } from '@ethwire/io'
import type { ChainWriter, RawHeader } from './chain-writer.ts'
import { SyncError } from './errors.ts'
import type { Assignment, Fetcher, Source } from './fetcher.ts'
import { OffenceError } from './offence.ts'
import type { PeerSet, PeerState } from './peer-set.ts'

export interface SkeletonSyncOptions {
  readonly store: ChainWriter
  readonly fetcher: Fetcher
  readonly peers: PeerSet
  /** Whether the head is known to be the right one: then whoever contradicts it has no place here. */
  readonly trusted: boolean
  /** For the age of requests. */
  readonly monotonicMs: () => number
  readonly signal: AbortSignal
  /** Told after each step how far down the headers are linked. */
  readonly onLinked?: (tail: number) => void
  /** Told who delivered a head that more peers contradict. */
  readonly onContradicted?: (deliverers: readonly PeerState[]) => void
}

/** Headers of one request. Many fit into one message, and a request that stalls holds back little. */
const segmentHeaders = 256
// bounded: headers that wait for those above them, 8 segments
const maxSegments = 8
/**
 * Of a segment that waits; usual ones have 150 KB. Until the headers above them are there, nothing tells invented headers,
 * which may have 100 KB each, from true ones.
 */
const maxWaitingBytes = 1024 * 1024
/** geth calls deeper blocks immutable. */
const maxReorgDepth = 90_000
/** At the top of the chain peers may differ for a while without being wrong. */
const unsettledDepth = 64
/** Below our own head the place where the chains part is looked for in steps that grow. */
const firstReorgStep = 32

/** As much of a header as linking takes. */
interface LinkableHeader extends RawHeader {
  readonly parentHash: Uint8Array
}

/** Headers `top`, `top − 1`, …, `count` of them. */
interface Segment {
  readonly top: number
  count: number
  askedAtMs: number
  readonly holders: PeerState[] // bounded: 2
  /** Whose headers are too large to wait: they are asked again when it is the first. bounded: the peers */
  readonly largeFrom: PeerState[]
  delivered?: { readonly headers: readonly LinkableHeader[]; readonly by: PeerState }
}

/**
 * Completes the store's skeleton from its tail downwards until it meets the stored chain, and resolves with the number
 * of the block where they meet. Segments are asked by number from all peers at once; only what is linked to the head is
 * kept.
 * @throws SyncError `SYNC_FOREIGN_HEAD`, `SYNC_REORG_TOO_DEEP`, `SYNC_STALLED` for a head that is contradicted; the signal's
 * reason
 */
export async function completeSkeleton(options: SkeletonSyncOptions): Promise<number> {
  const { store, fetcher, peers, monotonicMs, signal, onLinked } = options
  const head = store.head()
  const skeleton = store.skeleton()
  if (skeleton === undefined) throw new TypeError('there is no skeleton to complete')
  let { tail, parentHash } = skeleton
  let planned = tail // the lowest number that has a segment
  let floor = Math.min(head.number + 1, tail)
  let reorgStep = firstReorgStep
  let segments: Segment[] = [] // descending, without gaps, from tail − 1
  let linking: Promise<void> | undefined
  const delivered = new Set<PeerState>() // bounded: the peers
  const contradicted = new Set<PeerState>() // bounded: the peers
  const done = Promise.withResolvers<number>()

  const plan = (): void => {
    while (segments.length < maxSegments && planned > floor) {
      const count = Math.min(segmentHeaders, planned - floor)
      segments.push({ top: planned - 1, count, askedAtMs: 0, holders: [], largeFrom: [] })
      planned -= count
    }
  }

  /** Whether the stored chain has the parent of the tail; where not, and there is nothing above, goes on below it. */
  const met = async (): Promise<boolean> => {
    if (tail - 1 > head.number) return false
    if (tail === 0) throw new SyncError('SYNC_FOREIGN_HEAD', 'the chain of the head does not begin with our genesis')
    const own = await store.hashByNumber(tail - 1)
    if (own !== undefined && equalBytes(own, parentHash)) return true
    if (tail === 1) throw new SyncError('SYNC_FOREIGN_HEAD', 'the chain of the head does not begin with our genesis')
    if (head.number - tail > maxReorgDepth) {
      throw new SyncError(
        'SYNC_REORG_TOO_DEEP',
        `the chain of the head leaves ours more than ${maxReorgDepth} blocks ago`,
      )
    }
    if (floor >= tail) {
      floor = Math.max(1, tail - reorgStep)
      reorgStep *= 2
    }
    return false
  }

  /** The first of these falling headers that the stored chain has, if one does. */
  const findOwn = async (headers: readonly LinkableHeader[]): Promise<number> => {
    for (const [index, { number, hash }] of headers.entries()) {
      if (number > head.number) continue
      const own = await store.hashByNumber(number)
      if (own !== undefined && equalBytes(own, hash)) return index
    }
    return -1
  }

  const link = (): Promise<void> => {
    linking ??= linkDelivered().finally(() => {
      linking = undefined
      fetcher.wake()
    })
    return linking
  }

  /** Without a trusted head it can't be told who of two is on the wrong chain: the many are believed. */
  const contradict = (state: PeerState): void => {
    contradicted.add(state)
    fetcher.wake()
    if (contradicted.size <= delivered.size) return
    options.onContradicted?.([...delivered])
    done.reject(new SyncError('SYNC_STALLED', 'more peers have another chain than the one that is being synced'))
  }

  const linkDelivered = async (): Promise<void> => {
    for (let first = segments[0]; first?.delivered !== undefined && !signal.aborted; first = segments[0]) {
      const { headers, by } = first.delivered
      if (!equalBytes((headers[0] as LinkableHeader).hash, parentHash)) {
        for (const segment of segments) if (segment.delivered?.by === by) delete segment.delivered
        if (options.trusted)
          peers.offend(by, 'stranger', `header ${first.top} is not of the chain that is being synced`)
        else contradict(by)
        return
      }
      delivered.add(by)
      const own = await findOwn(headers)
      const taken = own < 0 ? headers : headers.slice(0, own)
      if (taken.length > 0) await store.extendSkeleton(taken)
      const last = headers[own < 0 ? headers.length - 1 : own - 1]
      if (last !== undefined) {
        tail = last.number
        parentHash = last.parentHash
      }
      // Only now: whoever is first is asked by the hash that its child has, which was another's until here.
      segments.shift()
      onLinked?.(tail)
      if (own >= 0 || (await met())) return done.resolve(tail - 1)
      plan()
    }
  }

  const assignment = (segment: Segment, state: PeerState): Assignment => {
    const { top, count } = segment
    segment.holders.push(state)
    segment.askedAtMs = monotonicMs()
    // By hash where it is known: at the top of the chain peers may differ without lying.
    const start = segment === segments[0] ? parentHash : top
    return {
      items: count,
      async ask(requestOptions) {
        const received = await state.peer.getBlockHeaders({ start, count, reverse: true }, requestOptions)
        const headers = received.map(toLinkable)
        return async () => {
          if (headers.length === 0) {
            state.lack('headers', top)
            // Who is further and does not know this block has another in its place.
            const settled = Number(state.peer.range.latestBlock) >= top + unsettledDepth
            if (start === parentHash && top < head.number && settled && !options.trusted) contradict(state)
            return 0
          }
          const index = segments.indexOf(segment)
          if (index < 0 || segment.delivered !== undefined) return headers.length
          if ((headers[0] as LinkableHeader).number !== top) {
            throw new OffenceError('liar', `a header that is not number ${top}, as its child has it`)
          }
          if (index > 0 && bytesOf(headers) > maxWaitingBytes) {
            segment.largeFrom.push(state)
            return headers.length
          }
          segment.delivered = { headers, by: state }
          if (headers.length < count) {
            segment.count = headers.length
            const rest = {
              top: top - headers.length,
              count: count - headers.length,
              askedAtMs: 0,
              holders: [],
              largeFrom: [],
            }
            segments.splice(index + 1, 0, rest)
          }
          await link()
          return headers.length
        }
      },
      release() {
        const index = segment.holders.indexOf(state)
        if (index >= 0) segment.holders.splice(index, 1)
      },
    }
  }

  /** Before a deep reorg without a trusted head, others than those who want it are asked, if there are any. */
  const isForOthers = (): boolean => {
    const top = tail - 1
    if (options.trusted || top + unsettledDepth >= head.number) return false
    return peers.list().some((other) => {
      if (delivered.has(other) || contradicted.has(other) || other.late > 0 || other.lacks('headers', top)) return false
      return Number(other.peer.range.latestBlock) >= top + unsettledDepth
    })
  }

  const source: Source = {
    kind: 'headers',
    reserve(state, _maxItems, askedBeforeMs) {
      if (contradicted.has(state) || (delivered.has(state) && isForOthers())) return undefined
      for (const segment of segments) {
        if (segment.delivered !== undefined || segment.holders.includes(state)) continue
        if (segment !== segments[0] && segment.largeFrom.includes(state)) continue
        const free = segment.holders.length === 0
        const overdue = askedBeforeMs !== undefined && segment.holders.length === 1 && segment.askedAtMs < askedBeforeMs
        if (!free && !overdue) continue
        if (state.lacks('headers', segment.top)) continue
        return assignment(segment, state)
      }
      return undefined
    },
    fail: (error) => done.reject(error),
  }

  // An abort may come while nobody awaits it yet.
  done.promise.catch(() => undefined)
  signal.throwIfAborted()
  const forget = onAbort(signal, () => done.reject(signal.reason))
  let remove: (() => void) | undefined
  try {
    if (await met()) return tail - 1
    signal.throwIfAborted()
    plan()
    remove = fetcher.add(source)
    return await done.promise
  } finally {
    segments = []
    remove?.()
    await linking?.catch(() => undefined)
    forget()
  }
}

function bytesOf(headers: readonly LinkableHeader[]): number {
  return headers.reduce((sum, { header }) => sum + header.length, 0)
}

function toLinkable({ header, hash, raw }: ReceivedHeader): LinkableHeader {
  return { number: Number(header.number), hash, header: raw, parentHash: header.parentHash }
}
