import fc from 'fast-check'
import { decode as decodeByRlp, encode as encodeByRlp } from 'rlp'
import { expect, test } from 'vitest'
import {
  bytes,
  decode,
  encode,
  encodeBytes,
  encodeList,
  encodeUint,
  fixedBytes,
  type Infer,
  type Item,
  list,
  listItems,
  RlpError,
  raw,
  safeUint,
  struct,
  u64,
  u256,
  utf8,
  writeItem,
} from '../src/index.ts'

const message = struct(
  {
    id: u64,
    amount: u256,
    height: safeUint,
    hash: fixedBytes(4),
    data: bytes(300),
    name: utf8(400),
    items: list(struct({ a: u64, b: bytes(80) }), 8),
    tail: raw(1000),
    late: u64,
  },
  { optional: ['tail', 'late'] },
)

const value = fc.record({
  id: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  amount: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
  height: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  hash: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  data: fc.uint8Array({ maxLength: 300 }),
  name: fc.string({ unit: 'grapheme', maxLength: 20 }),
  items: fc.array(
    fc.record({ a: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), b: fc.uint8Array({ maxLength: 80 }) }),
    { maxLength: 8 },
  ),
  tail: fc.uint8Array({ maxLength: 100 }).map(encodeBytes),
  late: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(value, (v) => {
      expect(decode(message, encode(message, v))).toEqual(v)
    }),
  )
})

test('what is read is written back byte for byte: there is one form of each value', () => {
  const mutated = fc.tuple(value, fc.nat(), fc.nat(255)).map(([v, at, byte]) => {
    const source = encode(message, v)
    source[at % source.length] = byte
    return source
  })
  fc.assert(
    fc.property(mutated, (source) => {
      let read: Infer<typeof message>
      try {
        read = decode(message, source)
      } catch (error) {
        expect(error).toBeInstanceOf(RlpError)
        return
      }
      expect(encode(message, read)).toEqual(source)
    }),
  )
})

test('arbitrary bytes give a value or a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (source) => {
      for (const schema of [message, list(list(bytes(9), 9), 9), u64, utf8(9)]) {
        try {
          decode<unknown>(schema, source)
        } catch (error) {
          expect(error).toBeInstanceOf(RlpError)
        }
      }
    }),
  )
})

const nested = fc.letrec<{ item: Item }>((tie) => ({
  item: fc.oneof({ depthSize: 'small' }, fc.uint8Array({ maxLength: 80 }), fc.array(tie('item'), { maxLength: 5 })),
})).item

test('writing agrees with rlp for every tree', () => {
  fc.assert(
    fc.property(nested, (item) => {
      expect(writeItem(item)).toEqual(encodeByRlp(item as Parameters<typeof encodeByRlp>[0]))
    }),
  )
})

test('a list of encoded items is what rlp reads', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 9 }), (parts) => {
      const encoded = parts.map(encodeBytes)
      const whole = encodeList(encoded)
      expect(listItems(whole, 9)).toEqual(encoded)
      expect(decodeByRlp(whole)).toEqual(parts.map((part) => Uint8Array.from(part)))
    }),
  )
})

test('numbers are written as rlp writes them', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (n) => {
      expect(encodeUint(n)).toEqual(encodeByRlp(n))
    }),
  )
})
