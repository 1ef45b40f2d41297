import { encodeHeader } from '@ethwire/chain'
import { noMetrics, silentLogger } from '@ethwire/io'
import { createVirtualClock } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { createFetcher } from '../src/fetcher.ts'
import { createPeerSet } from '../src/peer-set.ts'
import { completeSkeleton } from '../src/skeleton-sync.ts'
import { makeChain, type TestBlock } from './chain-helper.ts'
import { createFakePeer } from './fake-peer.ts'
import { openStore } from './sync-helper.ts'

/** The same chain to whoever looks at no hash, with headers of 40 KB: 256 of them are 10 MB. */
function withLargeHeaders(chain: readonly TestBlock[]): TestBlock[] {
  return chain.map((block) => ({
    ...block,
    header: encodeHeader({ ...block.fields, extraData: new Uint8Array(40_000) }),
  }))
}

test('headers of more than 1 MiB do not wait for those above them: they are asked for again in their turn', async () => {
  const clock = createVirtualClock()
  const peers = createPeerSet({ clock, logger: silentLogger, metrics: noMetrics })
  const chain = withLargeHeaders(makeChain({ length: 700 }))
  const slow = createFakePeer({ clock, name: 'slow', chain, latencyMs: 300 })
  const quick = createFakePeer({ clock, name: 'quick', chain, latencyMs: 10 })
  for (const peer of [slow, quick]) peers.add(peer)
  const fetcher = createFetcher({ clock, peers })
  const store = await openStore()
  await store.startSkeleton(chain[700]!)
  const { signal } = new AbortController()
  const monotonicMs = (): number => clock.monotonicMs()
  const meeting = completeSkeleton({ store, fetcher, peers, trusted: true, monotonicMs, signal })
  expect(await clock.runUntil(meeting)).toBe(0)
  expect(store.skeleton()).toMatchObject({ tail: 1 })
  // Those below the first 256 came too early, from each peer once at most.
  const again = slow.served.headers + quick.served.headers - 699
  expect(again).toBeGreaterThan(0)
  expect(again).toBeLessThanOrEqual(2 * (699 - 256))
  fetcher.close()
})
