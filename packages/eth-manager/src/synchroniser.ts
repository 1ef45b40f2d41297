import { type ChainConfig, type Hasher, type HeaderRules, verifyHeader } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import type { ReceivedHeader } from '@ethwire/eth-peer'
import { type Clock, createEvents, type Logger, type Metrics, onAbort, type Random } from '@ethwire/io'
import { fillBlocks } from './block-fill.ts'
import type { BlockRef, ChainWriter, SkeletonState, UnavailableReceipts, VerifiedBlock } from './chain-writer.ts'
import { SyncError } from './errors.ts'
import { createFetcher } from './fetcher.ts'
import { createHeadTracker } from './head-tracker.ts'
import type { PeerSet } from './peer-set.ts'
import type { SyncProgress } from './progress.ts'
import { createRateMeter, type RateMeter } from './rate-meter.ts'
import { createReceiptRetry } from './receipt-retry.ts'
import { completeSkeleton } from './skeleton-sync.ts'
import { createStoreTrouble } from './store-trouble.ts'
import { createWorkQueue } from './work-queue.ts'

export interface SynchroniserOptions {
  readonly store: ChainWriter
  readonly peers: PeerSet
  readonly config: ChainConfig
  /** A trusted hash, 32 bytes, or the best that peers announce. */
  readonly head: 'peers' | Uint8Array
  readonly receipts: boolean
  readonly headerRules?: HeaderRules
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Hasher
  readonly logger: Logger
  readonly metrics: Metrics
}

/** What a synchroniser tells. */
export interface SynchroniserEvents {
  /** Something of the progress has changed. */
  progress: SyncProgress
  /** The stored chain has another head. */
  head: BlockRef
  /** The head to sync to is reached; with `head: 'peers'` again for each newer one. */
  synced: BlockRef
  'receipts:unavailable': UnavailableReceipts
  /** Receipts that were unavailable are stored. */
  'receipts:stored': BlockRef
}

/** Brings a store to a head and, if that is the peers', keeps it there. */
export interface Synchroniser extends AsyncDisposable {
  progress(): SyncProgress
  /** Resolves when the head is reached for the first time; rejects with a `SyncError` when it can't be. */
  readonly synced: Promise<BlockRef>
  on<E extends keyof SynchroniserEvents>(type: E, listener: (event: SynchroniserEvents[E]) => void): () => void
  /** Ends it when what has begun to be written is written. Idempotent. */
  close(): Promise<void>
}

const pollMs = 10_000
/** With a head of the peers': how long nothing may come of a target until another is looked for. */
const stalledMs = 60_000
const refuseStalledMs = 300_000

type Phase =
  | { readonly state: 'idle' | 'finding-head' | 'synced' }
  | {
      readonly state: 'headers' | 'blocks'
      readonly target: BlockRef
      done: number
      total: number
      readonly meter: RateMeter
    }
  | { readonly state: 'failed'; readonly error: Error }

/** Starts at once. */
export function createSynchroniser(options: SynchroniserOptions): Synchroniser {
  const { store, peers, clock, crypto, logger, metrics, receipts } = options
  const trustedHash = options.head === 'peers' ? undefined : options.head
  const closing = new AbortController()
  const events = createEvents<SynchroniserEvents>((error) => logger.error({ error }, 'An event listener failed'))
  const fetcher = createFetcher({ clock, peers })
  const work = createWorkQueue(clock, closing.signal)
  const tracker = createHeadTracker({ peers, clock, random: options.random, signal: closing.signal })
  const synced = Promise.withResolvers<BlockRef>()
  synced.promise.catch(() => undefined)
  const headGauge = metrics.gauge('eth/sync/head')
  const retry = createReceiptRetry({
    store,
    fetcher,
    clock,
    crypto,
    work,
    onStored(block) {
      events.emit('receipts:stored', block)
      tell()
    },
    onError: (error) => logger.error({ error }, 'Storing late receipts failed'),
  })
  const trouble = createStoreTrouble({ clock, logger, signal: closing.signal, onChange: () => tell() })
  let phase: Phase = { state: 'finding-head' }

  const progress = (): SyncProgress => {
    const standing = {
      head: store.head(),
      peers: peers.size,
      receiptsUnavailable: retry.unavailable(),
      offences: peers.offences(),
      ...(trouble.error !== undefined && { storeError: trouble.error }),
    }
    if (phase.state === 'failed') return { ...standing, state: phase.state, error: phase.error }
    if (phase.state !== 'headers' && phase.state !== 'blocks') return { ...standing, state: phase.state }
    const { state, target, done, total, meter } = phase
    const perSecond = meter.perSecond()
    const msLeft = perSecond === 0 ? undefined : Math.round(((total - done) * 1000) / perSecond)
    return { ...standing, state, target, done, total, perSecond, msLeft }
  }
  const tell = (): void => events.emit('progress', progress())
  const enter = (next: Phase): void => {
    if (phase.state === next.state && next.state !== 'headers' && next.state !== 'blocks') return
    phase = next
    tell()
  }

  const advance = (done: number): void => {
    trouble.over()
    if (phase.state !== 'headers' && phase.state !== 'blocks') return
    phase.meter.add(done - phase.done)
    phase.done = done
    tell()
  }

  const onAppended = (blocks: readonly VerifiedBlock[], ancestor: number): void => {
    const last = blocks.at(-1) as VerifiedBlock
    for (const { number, hash, receiptsUnavailable: reason } of blocks) {
      if (reason === undefined) continue
      logger.warn({ number, reason }, 'Receipts unavailable')
      retry.add({ number, hash, reason })
      events.emit('receipts:unavailable', { number, hash, reason })
    }
    headGauge.set(last.number)
    advance(last.number - ancestor)
    events.emit('head', { number: last.number, hash: last.hash })
  }

  /** From the skeleton that is there to the stored chain. */
  const fill = async (skeleton: SkeletonState, signal: AbortSignal): Promise<void> => {
    const target = skeleton.head
    const floor = Math.min(store.head().number, target.number)
    enter({
      state: 'headers',
      target,
      done: target.number - skeleton.tail + 1,
      total: target.number - floor,
      meter: createRateMeter(clock),
    })
    const ancestor = await completeSkeleton({
      store,
      fetcher,
      peers,
      trusted: trustedHash !== undefined,
      monotonicMs: () => clock.monotonicMs(),
      signal,
      onLinked: (tail) => advance(target.number - tail + 1),
      onContradicted: (deliverers) => tracker.distrust(deliverers, refuseStalledMs),
    })
    const head = store.head()
    if (ancestor < head.number)
      logger.warn({ from: head.number, to: ancestor, target: target.number }, 'The chain changed')
    enter({ state: 'blocks', target, done: 0, total: target.number - ancestor, meter: createRateMeter(clock) })
    await fillBlocks({
      store,
      fetcher,
      peers,
      clock,
      work,
      crypto,
      config: options.config,
      headerRules: options.headerRules ?? verifyHeader,
      receipts,
      ancestor,
      signal,
      onAppended: (blocks) => onAppended(blocks, ancestor),
      onRewound: () => retry.rewound(ancestor),
    })
  }

  /** As `fill`, but gives up a target of the peers' that nobody has. */
  const fillWatched = async (skeleton: SkeletonState): Promise<void> => {
    const abort = new AbortController()
    const onClose = (): void => abort.abort(closing.signal.reason)
    const forget = onAbort(closing.signal, onClose)
    let moved = true
    const stopListening = events.on('progress', () => {
      moved = true
    })
    let timer = clock.setTimer(stalledMs, check)
    function check(): void {
      if (!moved && peers.size > 0 && trustedHash === undefined) {
        abort.abort(new SyncError('SYNC_STALLED', `nobody delivers block ${skeleton.head.number} or what is before it`))
        return
      }
      moved = false
      timer = clock.setTimer(stalledMs, check)
    }
    try {
      if (closing.signal.aborted) onClose()
      await fill(skeleton, abort.signal)
    } finally {
      timer.cancel()
      stopListening()
      forget()
    }
  }

  const reached = (): void => {
    const head = store.head()
    if (phase.state === 'synced') return
    enter({ state: 'synced' })
    logger.info({ number: head.number, receiptsUnavailable: retry.unavailable().length }, 'Synced')
    events.emit('synced', head)
    synced.resolve(head)
  }

  const begin = async (header: ReceivedHeader): Promise<void> => {
    const number = Number(header.header.number)
    logger.info({ number, head: store.head().number }, 'Syncing')
    await store.startSkeleton({ number, hash: header.hash, header: header.raw })
  }

  /** A skeleton to fill, or `latest` when there is nothing to do; undefined when that is not known. */
  const nextSkeleton = async (poll: boolean): Promise<SkeletonState | 'latest' | undefined> => {
    const left = store.skeleton()
    if (trustedHash === undefined) {
      if (left !== undefined) return left
      if (phase.state !== 'synced') enter({ state: 'finding-head' })
      const header = await tracker.findNewer(store.head(), { poll })
      if (header === undefined || header === 'latest') return header
      await begin(header)
    } else {
      if ((await store.numberByHash(trustedHash)) !== undefined) return 'latest'
      if (left !== undefined && equalBytes(left.head.hash, trustedHash)) return left
      enter({ state: 'finding-head' })
      await begin(await tracker.resolve(trustedHash))
    }
    return store.skeleton()
  }

  /** What a failed target means: with a trusted head all is over, else another is looked for. */
  const onFailedTarget = async (error: unknown, { head }: SkeletonState): Promise<void> => {
    if (!(error instanceof SyncError) || error.code === 'SYNC_CLOSED' || trustedHash !== undefined) throw error
    logger.warn({ number: head.number, code: error.code, error: error.message }, 'Giving up a head')
    await store.dropSkeleton()
    tracker.refuse(head.hash, error.code === 'SYNC_STALLED' ? refuseStalledMs : Number.POSITIVE_INFINITY)
    if (error.code === 'SYNC_STALLED') return
    for (const state of peers.list()) {
      if (equalBytes(state.peer.range.latestBlockHash, head.hash)) {
        peers.offend(state, error.code === 'SYNC_BAD_HEAD' ? 'liar' : 'stranger', error.message)
      }
    }
  }

  const run = async (): Promise<void> => {
    let loaded = !receipts
    let poll = true
    const step = async (): Promise<void> => {
      if (!loaded) await retry.load()
      loaded = true
      const skeleton = await nextSkeleton(poll)
      if (skeleton !== undefined && skeleton !== 'latest') {
        await fillWatched(skeleton).catch((error: unknown) => onFailedTarget(error, skeleton))
        poll = true
        return
      }
      // At the genesis there is no telling a new chain from peers that know no more than we do.
      if (skeleton === 'latest' && (trustedHash !== undefined || store.head().number > 0)) reached()
      poll = (await tracker.change(pollMs)) === 'time' || phase.state !== 'synced'
    }
    for (;;) {
      closing.signal.throwIfAborted()
      await step().catch((error: unknown) => trouble.wait(error))
    }
  }

  const running = run().catch((error: Error) => {
    if (closing.signal.aborted) return enter({ state: 'idle' })
    logger.error({ error }, 'The sync failed')
    enter({ state: 'failed', error })
    synced.reject(error)
  })

  const close = async (): Promise<void> => {
    const error = new SyncError('SYNC_CLOSED', 'the synchroniser was closed')
    closing.abort(error)
    synced.reject(error)
    fetcher.close()
    retry.close()
    await running
  }

  return { progress, synced: synced.promise, on: events.on, close, [Symbol.asyncDispose]: close }
}
