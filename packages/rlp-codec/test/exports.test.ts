import { expect, test } from 'vitest'
import * as rlpCodec from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(rlpCodec).sort()).toMatchInlineSnapshot(`
    [
      "Cursor",
      "EncodedItem",
      "RlpError",
      "bool",
      "byKind",
      "bytes",
      "convert",
      "decode",
      "decodePrefix",
      "encode",
      "encodeBytes",
      "encodeList",
      "encodeUint",
      "fixedBytes",
      "list",
      "listItems",
      "optionalBytes",
      "raw",
      "readItem",
      "safeUint",
      "struct",
      "tuple",
      "u16",
      "u256",
      "u32",
      "u64",
      "u8",
      "uint",
      "utf8",
      "writeItem",
    ]
  `)
})
