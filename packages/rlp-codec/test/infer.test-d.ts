import { expectTypeOf, test } from 'vitest'
import { bytes, type Infer, list, struct, u8, u64, utf8 } from '../src/index.ts'

test('a schema knows the type of its values', () => {
  const schema = struct(
    { id: u64, names: list(utf8(9), 3), more: bytes(3), count: u8 },
    { optional: ['more', 'count'] },
  )
  type Value = Infer<typeof schema>
  expectTypeOf<Value['id']>().toEqualTypeOf<bigint>()
  expectTypeOf<Value['names']>().toEqualTypeOf<string[]>()
  expectTypeOf<Value['more']>().toEqualTypeOf<Uint8Array | undefined>()
})
