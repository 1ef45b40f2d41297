import type { Crypto } from '@ethwire/crypto'
import { expectTypeOf, test } from 'vitest'
import type { DialHelloOptions, P2pServerOptions } from '../src/index.ts'

test('crypto may be one that this machine does not have, as nativeCrypto', () => {
  expectTypeOf<{ crypto: Crypto | undefined }>().toExtend<Pick<P2pServerOptions, 'crypto'>>()
  expectTypeOf<{ crypto: Crypto | undefined }>().toExtend<DialHelloOptions>()
})

test('an option that may be left out is else not undefined', () => {
  expectTypeOf<{ maxPeers: undefined }>().not.toExtend<Pick<P2pServerOptions, 'maxPeers'>>()
})
