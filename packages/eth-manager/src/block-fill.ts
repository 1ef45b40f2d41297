import {
  type ChainConfig,
  ChainError,
  decodeHeader,
  type HashedHeader,
  type Hasher,
  type HeaderRules,
} from '@ethwire/chain'
import { type Clock, onAbort, type Timer } from '@ethwire/io'
import { createBodySource, createReceiptSource, giveUpOversized } from './block-sources.ts'
import { createBlockWindow } from './block-window.ts'
import type { ChainWriter, VerifiedBlock } from './chain-writer.ts'
import { SyncError } from './errors.ts'
import type { Fetcher } from './fetcher.ts'
import type { PeerSet } from './peer-set.ts'
import { createSlot, isComplete, toBlock } from './slot.ts'
import type { WorkQueue } from './work-queue.ts'

export interface BlockFillOptions {
  readonly store: ChainWriter
  readonly fetcher: Fetcher
  readonly peers: PeerSet
  readonly clock: Clock
  readonly work: WorkQueue
  readonly crypto: Hasher
  readonly config: ChainConfig
  readonly headerRules: HeaderRules
  readonly receipts: boolean
  /** The last block that the stored chain and the skeleton have in common; what is above it goes. */
  readonly ancestor: number
  readonly signal: AbortSignal
  readonly onAppended?: (blocks: readonly VerifiedBlock[]) => void
  /** Blocks above the ancestor were taken back. */
  readonly onRewound?: () => void
}

// bounded: 1,280 blocks for each peer, 2,048 and about 32 MiB in all, wait for one before them
const windowBlocks = 2048
const windowBytes = 32 * 1024 * 1024
/**
 * A peer has three requests at once, of up to 256 receipts each, and the next ones need room while batches are written. More
 * make it no faster at 20 or at 200 ms (a half less costs a fifth of the speed), and what waits for long outlives the
 * collections of young objects.
 */
const windowBlocksPerPeer = 1280
const headersPerRead = 128
/** A batch is written when it has so much, or when nothing came to it for a while. */
const batchBlocks = 128
const batchBytes = 4 * 1024 * 1024
const batchDelayMs = 200
const maxBatchBlocks = 256

/**
 * Fills the store's skeleton from the ancestor upwards: checks each header by the rules, fetches what belongs to it from
 * all peers at once, and appends the blocks in order while later ones still come in.
 * @throws SyncError `SYNC_BAD_HEAD`; what the store throws; the signal's reason
 */
export async function fillBlocks(options: BlockFillOptions): Promise<void> {
  const { store, fetcher, peers, clock, crypto, config, headerRules, ancestor, signal } = options
  const target = store.skeleton()?.head
  if (target === undefined) throw new TypeError('there is no skeleton to fill')
  const window = createBlockWindow({
    maxBlocks: () => Math.min(windowBlocks, windowBlocksPerPeer * Math.max(1, peers.size)),
    maxBytes: windowBytes,
  })
  const done = Promise.withResolvers<void>()
  let parent = await readParent(store, ancestor)
  let feeding = false
  let writing = false
  let rewound = false
  let batchTimer: Timer | undefined
  let flushNow = false
  let over = false

  const running = new Set<Promise<void>>() // bounded: reading and writing, one of each that does anything
  const guard = (work: () => Promise<void>): void => {
    const run = work()
      .catch((error: unknown) => done.reject(error))
      .finally(() => running.delete(run))
    running.add(run)
  }

  const feed = async (): Promise<void> => {
    if (feeding) return
    feeding = true
    try {
      while (
        !over &&
        !signal.aborted &&
        Number(parent.header.number) < target.number &&
        window.room >= headersPerRead
      ) {
        const from = Number(parent.header.number) + 1
        const raws = await store.skeletonHeaders(from, Math.min(headersPerRead, target.number + 1 - from))
        if (raws.length === 0) throw new TypeError(`the skeleton lacks header ${from}`)
        await options.work.run(async (breathe) => {
          for (const raw of raws) {
            await breathe()
            if (over || signal.aborted) return
            const header = decodeHeader(raw.header)
            checkRules(() => headerRules(header, parent, config), raw.number)
            window.add(createSlot(raw, header, options.receipts))
            parent = { header, hash: raw.hash }
          }
        })
        advance()
      }
    } finally {
      feeding = false
    }
  }

  const write = async (): Promise<void> => {
    if (writing) return
    writing = true
    try {
      for (;;) {
        const { count, bytes } = window.completeFront(maxBatchBlocks, batchBytes)
        const last = window.slots[count - 1]
        const full = count >= batchBlocks || bytes >= batchBytes || last?.number === target.number
        if (over || signal.aborted || count === 0 || !(full || flushNow)) break
        flushNow = false
        const blocks = window.take(count).map(toBlock)
        guard(feed)
        fetcher.wake()
        // As late as can be: until here the old chain is the better one to have.
        if (!rewound && store.head().number > ancestor) {
          await store.rewind(ancestor)
          options.onRewound?.()
        }
        rewound = true
        await store.append(blocks)
        options.onAppended?.(blocks)
        if (last?.number === target.number) return done.resolve()
      }
    } finally {
      writing = false
    }
    if (!over) batchTimer ??= armTimer()
  }

  const armTimer = (): Timer | undefined => {
    const [first] = window.slots
    if (first === undefined || !isComplete(first)) return undefined
    return clock.setTimer(batchDelayMs, () => {
      batchTimer = undefined
      flushNow = true
      advance()
    })
  }

  const advance = (): void => {
    if (over || signal.aborted) return
    giveUpOversized(window, peers.list())
    guard(write)
    fetcher.wake()
  }

  /** More peers, more room. */
  const onPeers = (): void => {
    if (!over && !signal.aborted) guard(feed)
    advance()
  }

  const sourceOptions = {
    window,
    crypto,
    work: options.work,
    monotonicMs: () => clock.monotonicMs(),
    onFilled: advance,
    onError: (error: unknown) => done.reject(error),
  }
  signal.throwIfAborted()
  const forget = onAbort(signal, () => done.reject(signal.reason))
  const removals = [fetcher.add(createBodySource(sourceOptions))]
  if (options.receipts) removals.push(fetcher.add(createReceiptSource(sourceOptions)))
  removals.push(peers.on('change', onPeers))
  guard(feed)
  try {
    await done.promise
  } finally {
    over = true
    for (const remove of removals) remove()
    batchTimer?.cancel()
    forget()
    // What has begun to be written is written when this is over.
    while (running.size > 0) await Promise.all(running)
  }
}

async function readParent(store: ChainWriter, number: number): Promise<HashedHeader> {
  const [raw, hash] = await Promise.all([store.headerByNumber(number), store.hashByNumber(number)])
  if (raw === undefined || hash === undefined) throw new TypeError(`the store lacks block ${number}`)
  return { header: decodeHeader(raw), hash }
}

function checkRules(check: () => void, number: number): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof ChainError)) throw error
    throw new SyncError('SYNC_BAD_HEAD', `header ${number} breaks the rules: ${error.message}`, { cause: error })
  }
}
