import { type ChainStore, openChainStore } from '@ethwire/chain-store'
import { pureCrypto } from '@ethwire/crypto'
import { noMetrics, silentLogger } from '@ethwire/io'
import { createSeededRandom, createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { MemoryLevel } from 'memory-level'
import { expect } from 'vitest'
import { createPeerSet, type PeerSet } from '../src/peer-set.ts'
import { createSynchroniser, type Synchroniser } from '../src/synchroniser.ts'
import { config, hex, type TestBlock, testGenesis } from './chain-helper.ts'
import { createFakePeer, type FakePeer, type FakePeerOptions } from './fake-peer.ts'

export interface Scene {
  readonly clock: VirtualClock
  readonly store: ChainStore
  readonly peers: PeerSet
  readonly sync: Synchroniser
  readonly offences: { readonly peer: string; readonly offence: string }[]
  join(options: Omit<FakePeerOptions, 'clock'>): FakePeer
}

export interface SceneOptions {
  readonly head?: 'peers' | Uint8Array
  readonly receipts?: boolean
  readonly clock?: VirtualClock
  readonly store?: ChainStore
}

export async function openStore(db: unknown = new MemoryLevel()): Promise<ChainStore> {
  return openChainStore({ db: db as never, genesis: testGenesis() })
}

export async function setScene(options: SceneOptions = {}): Promise<Scene> {
  const { head = 'peers', receipts = true, clock = createVirtualClock(), store = await openStore() } = options
  const common = { clock, logger: silentLogger, metrics: noMetrics }
  const peers = createPeerSet(common)
  const offences: { peer: string; offence: string }[] = []
  peers.on('offence', ({ peer, offence }) => offences.push({ peer: peer.id, offence }))
  const sync = createSynchroniser({
    ...common,
    store,
    peers,
    config,
    head,
    receipts,
    random: createSeededRandom(1),
    crypto: pureCrypto,
  })
  return {
    clock,
    store,
    peers,
    sync,
    offences,
    join(peerOptions) {
      const peer = createFakePeer({ ...peerOptions, clock })
      peers.add(peer)
      return peer
    },
  }
}

/** The store holds exactly this chain, with receipts but of these blocks. */
export async function expectStored(
  store: ChainStore,
  chain: readonly TestBlock[],
  { without = [] }: { without?: readonly number[] } = {},
): Promise<void> {
  const last = chain.at(-1) as TestBlock
  expect(store.head().number).toBe(last.number)
  expect(hex(store.head().hash)).toBe(hex(last.hash))
  const hashes = chain.map(({ hash }) => hash)
  const [headers, bodies, receipts] = await Promise.all([
    store.headers(hashes),
    store.bodies(hashes),
    store.receipts(hashes),
  ])
  for (const [index, block] of chain.entries()) {
    expect(Buffer.compare(headers[index] as Uint8Array, block.header)).toBe(0)
    expect(Buffer.compare(bodies[index] as Uint8Array, block.body)).toBe(0)
    if (without.includes(block.number)) expect(receipts[index]).toBeUndefined()
    else expect(Buffer.compare(receipts[index] as Uint8Array, block.receipts)).toBe(0)
  }
}

export function until<T>(sync: Synchroniser, check: () => T | undefined | false): Promise<T> {
  return new Promise((resolve) => {
    const look = (): void => {
      const result = check()
      if (result === undefined || result === false) return
      stop()
      resolve(result as T)
    }
    const stop = sync.on('progress', look)
    look()
  })
}
