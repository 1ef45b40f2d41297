import type { ChainStore } from '@ethwire/chain-store'
import type { ChainWriter } from '@ethwire/eth-manager'
import type { ChainReader } from '@ethwire/eth-peer'
import type { Logger } from '@ethwire/io'
import type { P2pServer } from '@ethwire/p2p-server'
import type { Logger as PinoLogger } from 'pino'
import { expectTypeOf, test } from 'vitest'
import type { AdminServer } from '../src/rpc/admin.ts'

test('the chain store is what the synchroniser writes to and what peers are served from', () => {
  expectTypeOf<ChainStore>().toExtend<ChainWriter>()
  expectTypeOf<ChainStore>().toExtend<ChainReader>()
})

test('the server is what the admin namespace asks, and pino is a logger', () => {
  expectTypeOf<P2pServer>().toExtend<AdminServer>()
  expectTypeOf<PinoLogger<never>>().toExtend<Logger>()
})
