import type { MessagePipeEnd } from '@ethwire/testing'
import { expectTypeOf, test } from 'vitest'
import type { ProtocolConnection } from '../src/index.ts'

test('the message pipe of the tests is a connection of a protocol', () => {
  expectTypeOf<MessagePipeEnd>().toExtend<ProtocolConnection>()
})
