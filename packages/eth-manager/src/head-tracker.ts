import { equalBytes } from '@ethwire/crypto'
import type { ReceivedHeader } from '@ethwire/eth-peer'
import { type Clock, type Random, randomInteger } from '@ethwire/io'
import type { BlockRef } from './chain-writer.ts'
import type { PeerSet, PeerState } from './peer-set.ts'
import { gather, race } from './race.ts'

/** Finds heads to sync to. */
export interface HeadTracker {
  /** The header with a trusted hash; waits until a peer has it. */
  resolve(hash: Uint8Array): Promise<ReceivedHeader>
  /**
   * The best that peers have above a block, by what they announce; with `poll` they are also asked. `latest` when some
   * answered that they have nothing above it, undefined when nobody has said anything.
   */
  findNewer(head: BlockRef, options: { poll: boolean }): Promise<ReceivedHeader | 'latest' | undefined>
  /** Does not look for this head again for so long. */
  refuse(hash: Uint8Array, forMs: number): void
  /** Listens to others than these peers for so long, if there are any. */
  distrust(states: readonly PeerState[], forMs: number): void
  /** Resolves when a peer came, went, or announced something, or after some time. */
  change(maxMs: number): Promise<'change' | 'time'>
}

export interface HeadTrackerOptions {
  readonly peers: PeerSet
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
}

const requestTimeoutMs = 5_000
/** Who has not answered by then has another asked, too. */
const nextPeerMs = 300
const retryMs = 5_000
const polledPeers = 3
/** The others are waited for that long once one has answered. */
const pollGraceMs = 200
/** So many more are told at once; a peer that is further ahead announces it. */
const polledHeaders = 128
const maxRefused = 64
/**
 * With several peers, a head is not sought further above what a second one announces, or above what is stored: a number
 * costs nothing, the headers below it do. Longer ways are gone in stages.
 */
const maxAhead = 90_000
/** No chain gets there; with numbers far beyond, a number would no longer be exact. */
const maxBlockNumber = 2n ** 48n

export function createHeadTracker({ peers, clock, random, signal }: HeadTrackerOptions): HeadTracker {
  const refused: { readonly hash: Uint8Array; readonly untilMs: number }[] = [] // bounded: maxRefused, the oldest goes first
  const isRefused = (hash: Uint8Array): boolean =>
    refused.some((other) => other.untilMs > clock.monotonicMs() && equalBytes(other.hash, hash))
  const distrusted = new WeakMap<PeerState, number>() // bounded: as the objects that are its keys
  const isDistrusted = (state: PeerState): boolean => (distrusted.get(state) ?? 0) > clock.monotonicMs()
  /** Those who are distrusted only if there are no others. */
  const trusted = (states: readonly PeerState[]): readonly PeerState[] =>
    states.every(isDistrusted) ? states : states.filter((state) => !isDistrusted(state))
  const options = { timeoutMs: requestTimeoutMs, signal }

  const shuffled = (): PeerState[] => {
    const list = [...trusted(peers.list())]
    for (let index = list.length - 1; index > 0; index--) {
      const other = randomInteger(random, index + 1)
      const swapped = list[index] as PeerState
      list[index] = list[other] as PeerState
      list[other] = swapped
    }
    return list
  }

  const byHash = (candidates: readonly PeerState[], hash: Uint8Array): Promise<ReceivedHeader | undefined> =>
    race(
      clock,
      candidates,
      async ({ peer }) => (await peer.getBlockHeaders({ start: hash, count: 1 }, options))[0],
      nextPeerMs,
    )

  /** How far up a head may be, by what the second highest of the peers announces. */
  const highestCredible = (head: BlockRef): number => {
    const heights = peers.list().map(({ peer }) => Number(peer.range.latestBlock))
    const second = heights.sort((a, b) => b - a)[1]
    return second === undefined ? Number.POSITIVE_INFINITY : Math.max(head.number, second) + maxAhead
  }

  const byNumber = async ({ peer }: PeerState, number: number): Promise<ReceivedHeader | undefined> => {
    const [header] = await peer.getBlockHeaders({ start: number, count: 1 }, options).catch(() => [])
    if (header === undefined || Number(header.header.number) !== number) return undefined
    return isRefused(header.hash) ? undefined : header
  }

  const announced = async (head: BlockRef): Promise<ReceivedHeader | undefined> => {
    const tried = new Set<PeerState>()
    for (const state of peers.list()) {
      const { latestBlock } = state.peer.range
      if (latestBlock > maxBlockNumber) peers.offend(state, 'liar', `announced block ${latestBlock}`)
    }
    for (;;) {
      const ahead = shuffled()
        .filter((state) => !tried.has(state) && Number(state.peer.range.latestBlock) > head.number)
        .filter(({ peer }) => !isRefused(peer.range.latestBlockHash))
        .sort((a, b) => Number(b.peer.range.latestBlock - a.peer.range.latestBlock))
      const [best] = ahead
      if (best === undefined || signal.aborted) return undefined
      const { latestBlock, latestBlockHash } = best.peer.range
      const credible = highestCredible(head)
      if (Number(latestBlock) > credible) {
        tried.add(best)
        const below = await byNumber(best, credible)
        if (below !== undefined) return below
        continue
      }
      const same = ahead.filter(({ peer }) => equalBytes(peer.range.latestBlockHash, latestBlockHash))
      for (const state of same) tried.add(state)
      const found = await byHash(same, latestBlockHash)
      if (found === undefined) continue
      if (found.header.number === latestBlock) return found
      peers.offend(best, 'liar', `announced block ${latestBlock} by the hash of block ${found.header.number}`)
    }
  }

  const polled = async (head: BlockRef): Promise<ReceivedHeader | 'latest' | undefined> => {
    const asked = shuffled()
      .filter(({ late }) => late === 0)
      .sort((a, b) => Number(b.peer.range.latestBlock - a.peer.range.latestBlock))
      .slice(0, polledPeers)
    const query = { start: head.number + 1, count: polledHeaders }
    const answers = await gather(
      clock,
      asked.map(({ peer }) => peer.getBlockHeaders(query, options)),
      pollGraceMs,
    )
    let best: ReceivedHeader | undefined
    for (const answer of answers) {
      const last = answer.at(-1)
      if (last === undefined || isRefused(last.hash)) continue
      if (best === undefined || last.header.number > best.header.number) best = last
    }
    return best ?? (answers.length > 0 ? 'latest' : undefined)
  }

  const change = (maxMs: number): Promise<'change' | 'time'> =>
    new Promise((resolve, reject) => {
      const settle = (outcome: 'change' | 'time' | undefined): void => {
        stopListening()
        timer.cancel()
        signal.removeEventListener('abort', onAbort)
        if (outcome === undefined) reject(signal.reason)
        else resolve(outcome)
      }
      const onAbort = (): void => settle(undefined)
      const stopListening = peers.on('change', () => settle('change'))
      const timer = clock.setTimer(maxMs, () => settle('time'))
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
    })

  return {
    async resolve(hash) {
      for (;;) {
        const announcing = (state: PeerState): number => (equalBytes(state.peer.range.latestBlockHash, hash) ? 0 : 1)
        const found = await byHash(
          shuffled().sort((a, b) => announcing(a) - announcing(b)),
          hash,
        )
        signal.throwIfAborted()
        if (found !== undefined) return found
        await change(retryMs)
      }
    },
    async findNewer(head, { poll }) {
      const ahead = await announced(head)
      signal.throwIfAborted()
      const found = ahead ?? (poll ? await polled(head) : undefined)
      signal.throwIfAborted()
      return found
    },
    refuse(hash, forMs) {
      if (refused.length === maxRefused) refused.shift()
      refused.push({ hash: hash.slice(), untilMs: clock.monotonicMs() + forMs })
    },
    distrust(states, forMs) {
      for (const state of states) distrusted.set(state, clock.monotonicMs() + forMs)
    },
    change,
  }
}
