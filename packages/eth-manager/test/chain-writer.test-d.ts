import type { ChainStore } from '@ethwire/chain-store'
import type { EthPeer } from '@ethwire/eth-peer'
import { expectTypeOf, test } from 'vitest'
import type { ChainWriter } from '../src/index.ts'
import type { SyncPeer } from '../src/peer-set.ts'

test('the store of chain-store is what a synchroniser writes to', () => {
  expectTypeOf<ChainStore>().toExtend<ChainWriter>()
})

test('a peer of eth-peer is what a synchroniser asks', () => {
  expectTypeOf<EthPeer>().toExtend<SyncPeer>()
})
