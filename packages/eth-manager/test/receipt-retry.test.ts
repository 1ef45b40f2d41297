import { decodeHeader, type Hasher } from '@ethwire/chain'
import type { ChainStore } from '@ethwire/chain-store'
import { pureCrypto } from '@ethwire/crypto'
import { noMetrics, silentLogger } from '@ethwire/io'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import type { ChainWriter } from '../src/chain-writer.ts'
import { createFetcher } from '../src/fetcher.ts'
import { createPeerSet } from '../src/peer-set.ts'
import { createReceiptRetry } from '../src/receipt-retry.ts'
import { createWorkQueue } from '../src/work-queue.ts'
import { makeChain, type TestBlock } from './chain-helper.ts'
import { createFakePeer, type FakePeer } from './fake-peer.ts'
import { openStore } from './sync-helper.ts'

interface RetryScene {
  readonly clock: ReturnType<typeof createVirtualClock>
  readonly peer: FakePeer
  readonly errors: unknown[]
  readonly stored: number[]
  readonly retry: ReturnType<typeof createReceiptRetry>
  close(): void
}

function setRetry(
  store: ChainWriter,
  chain: readonly TestBlock[],
  { crypto = pureCrypto as Hasher }: { crypto?: Hasher } = {},
): RetryScene {
  const clock = createVirtualClock()
  const peers = createPeerSet({ clock, logger: silentLogger, metrics: noMetrics })
  const fetcher = createFetcher({ clock, peers })
  const errors: unknown[] = []
  const stored: number[] = []
  const work = createWorkQueue(clock, new AbortController().signal)
  const retry = createReceiptRetry({
    store,
    fetcher,
    clock,
    crypto,
    work,
    onStored: ({ number }) => stored.push(number),
    onError: (error) => errors.push(error),
  })
  const peer = createFakePeer({ clock, name: 'peer', chain, latencyMs: 1 })
  peers.add(peer)
  const close = (): void => {
    retry.close()
    fetcher.close()
  }
  return { clock, peer, errors, stored, retry, close }
}

async function storeWithout(chain: readonly TestBlock[]): Promise<ChainStore> {
  const store = await openStore()
  await store.append(
    chain.slice(1).map(({ number, hash, header, body }) => ({
      ...{ number, hash, header, body },
      receiptsUnavailable: 'for a test',
    })),
  )
  return store
}

describe('receipts that come late', () => {
  test('more blocks than are kept in memory are all fetched, without a restart', async () => {
    const chain = makeChain({ length: 1500 })
    const store = await storeWithout(chain)
    const scene = setRetry(store, chain)
    await scene.retry.load()
    expect(scene.retry.unavailable()).toHaveLength(1024)
    await scene.clock.advance(60_000)
    expect(await store.unavailableReceipts(10)).toEqual([])
    expect(scene.stored).toHaveLength(1500)
    scene.close()
  })

  test('a store that fails is not written to without pause, and is told of once', async () => {
    const chain = makeChain({ length: 5 })
    const store = await storeWithout(chain)
    let full = true
    const putReceipts: ChainStore['putReceipts'] = async (receipts) => {
      if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      await store.putReceipts(receipts)
    }
    const scene = setRetry({ ...store, putReceipts }, chain)
    await scene.retry.load()
    await scene.clock.advance(120_000)
    expect(scene.peer.receiptRequests.length).toBeLessThan(30)
    expect(scene.errors).toHaveLength(1)
    full = false
    await scene.clock.advance(120_000)
    expect(scene.stored.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
    scene.close()
    expect(scene.peer.disconnectedWith).toBeUndefined()
  })

  test('a failure of our own is no lie of the peer', async () => {
    const chain = makeChain({ length: 2 })
    const store = await storeWithout(chain)
    const keccak256 = (): never => {
      throw new Error('the backend is broken')
    }
    const scene = setRetry(store, chain, { crypto: { ...pureCrypto, keccak256 } })
    await scene.retry.load()
    await scene.clock.advance(5_000)
    expect(scene.errors).toMatchObject([{ message: 'the backend is broken' }])
    expect(scene.peer.disconnectedWith).toBeUndefined()
    expect(decodeHeader(chain[1]!.header).number).toBe(1n)
    scene.close()
  })
})
