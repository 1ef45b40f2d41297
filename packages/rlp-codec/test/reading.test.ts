import { describe, expect, test } from 'vitest'
import {
  bool,
  byKind,
  bytes,
  convert,
  decode,
  decodePrefix,
  encode,
  encodeBytes,
  encodeList,
  fixedBytes,
  list,
  listItems,
  optionalBytes,
  RlpError,
  type RlpErrorCode,
  raw,
  readItem,
  type Schema,
  safeUint,
  struct,
  tuple,
  u8,
  u64,
  u256,
  utf8,
} from '../src/index.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

function failure(schema: Schema<unknown>, source: string): { code: RlpErrorCode; path: string } {
  try {
    decode(schema, hex(source))
  } catch (error) {
    if (error instanceof RlpError) return { code: error.code, path: error.path }
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('canonical form', () => {
  test.each<[string, string, RlpErrorCode]>([
    ['a small byte with a prefix', '8105', 'RLP_NOT_CANONICAL'],
    ['a short length in the long form', 'b80161', 'RLP_NOT_CANONICAL'],
    ['a long length with a leading zero', `b90038${'61'.repeat(56)}`, 'RLP_NOT_CANONICAL'],
    ['a string longer than its source', '8261', 'RLP_TRUNCATED'],
    ['a length that is cut off', 'b9ff', 'RLP_TRUNCATED'],
    ['a length of eight bytes of 0xff', 'bfffffffffffffffff', 'RLP_TRUNCATED'],
    ['nothing at all', '', 'RLP_MISSING'],
    ['a list', 'c0', 'RLP_KIND'],
    ['bytes after the item', '8000', 'RLP_TRAILING'],
  ])('%s is rejected', (_, source, code) => {
    expect(failure(bytes(100), source).code).toBe(code)
  })

  test.each<[string, string, RlpErrorCode]>([
    ['a leading zero', '820001', 'RLP_NOT_CANONICAL'],
    ['a zero byte for zero', '00', 'RLP_NOT_CANONICAL'],
    ['nine bytes', '89010000000000000000', 'RLP_TOO_LARGE'],
    ['a list', 'c101', 'RLP_KIND'],
  ])('a number with %s is rejected', (_, source, code) => {
    expect(failure(u64, source).code).toBe(code)
  })

  test('a short list in the long form is rejected', () => {
    expect(failure(list(u8, 3), 'f80101').code).toBe('RLP_NOT_CANONICAL')
  })
})

describe('bounds', () => {
  test('a byte string over its bound is rejected', () => {
    expect(failure(bytes(2), '83616263').code).toBe('RLP_TOO_LARGE')
  })

  test('a fixed length is exact', () => {
    expect(failure(fixedBytes(3), '826162').code).toBe('RLP_LENGTH')
    expect(decode(fixedBytes(2), hex('826162'))).toEqual(hex('6162'))
  })

  test('an optional field of fixed length is whole or empty', () => {
    expect(decode(optionalBytes(2), hex('80'))).toBeUndefined()
    expect(failure(optionalBytes(2), '61').code).toBe('RLP_LENGTH')
  })

  test('a number over its maximum is rejected, also in as many bytes', () => {
    expect(failure(u8, '820100').code).toBe('RLP_TOO_LARGE')
    expect(failure(safeUint, '8720000000000000').code).toBe('RLP_TOO_LARGE')
    expect(decode(safeUint, hex('871fffffffffffff'))).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('a list stops at its count and does not look further', () => {
    // The fourth item is no RLP at all: were it read, the code would be another.
    expect(failure(list(u8, 3), 'c4010203bf').code).toBe('RLP_TOO_MANY')
  })

  test('only 0 and 1 are booleans', () => {
    expect(decode(bool, hex('01'))).toBe(true)
    expect(decode(bool, hex('80'))).toBe(false)
    expect(failure(bool, '02').code).toBe('RLP_VALUE')
  })

  test('text must be UTF-8', () => {
    expect(decode(utf8(10), encodeBytes(hex('c3a4')))).toBe('ä')
    expect(failure(utf8(10), '82c328').code).toBe('RLP_VALUE')
  })

  test('case 42: an item nested 50,000 deep is passed over as raw, or rejected by kind, without descending', () => {
    let nested: Uint8Array = hex('c0')
    for (let depth = 0; depth < 200; depth++) nested = encodeList([nested])
    const deep = new Uint8Array(50_000).fill(0xc0)
    expect(decode(raw(1000), nested)).toEqual(nested)
    expect(() => decode(list(u8, 3), nested)).toThrow(expect.objectContaining({ code: 'RLP_KIND' }))
    expect(() => decode(list(list(u8, 1), 10), encodeList([deep]))).toThrow(
      expect.objectContaining({ code: 'RLP_TOO_MANY' }),
    )
  })
})

describe('structs', () => {
  const header = struct(
    { number: u64, hash: fixedBytes(2), extra: bytes(4), tail: u8 },
    { optional: ['extra', 'tail'] },
  )

  test('the optional tail may be absent in part or whole', () => {
    expect(decode(header, hex('c405 82aabb'))).toEqual({ number: 5n, hash: hex('aabb') })
    expect(decode(header, hex('c505 82aabb 07'))).toEqual({ number: 5n, hash: hex('aabb'), extra: hex('07') })
  })

  test('required fields must be there', () => {
    expect(failure(header, 'c105')).toEqual({ code: 'RLP_MISSING', path: 'hash' })
  })

  test('more items than fields are rejected, or ignored where the EIPs demand it', () => {
    const open = struct({ version: u8 }, { extras: 'ignore' })
    expect(failure(header, 'c705 82aabb 07 08 09').code).toBe('RLP_EXTRA')
    expect(decode(open, hex('c405 01 c101'))).toEqual({ version: 5 })
  })

  test('an error names the way to the item', () => {
    expect(failure(struct({ headers: list(header, 9) }), 'c6 c5 c405 83aabb').path).toBe('headers.0.hash')
  })

  test('a hole in the optional tail can not be written', () => {
    expect(() => encode(header, { number: 1n, hash: hex('aabb'), tail: 1 })).toThrow(TypeError)
  })

  test('optional fields in the middle are a mistake of the caller', () => {
    expect(() => struct({ a: u8, b: u8 }, { optional: ['a'] })).toThrow(TypeError)
  })
})

describe('other forms', () => {
  test('a tuple reads one item for each schema', () => {
    expect(decode(tuple([u8, bytes(3)]), hex('c4 05 82aabb'))).toEqual([5, hex('aabb')])
  })

  test('a union is decided by kind', () => {
    const transaction = byKind<Uint8Array, number[]>({
      bytes: bytes(9),
      list: list(u8, 3),
      isBytes: (value) => value instanceof Uint8Array,
    })
    expect(decode(transaction, hex('82aabb'))).toEqual(hex('aabb'))
    expect(decode(transaction, hex('c20102'))).toEqual([1, 2])
    expect(encode(transaction, [1, 2])).toEqual(hex('c20102'))
  })

  test('a raw item is a view of the whole item and is written as it is', () => {
    const source = hex('c5 05 c3010203')
    const value = decode(struct({ id: u8, rest: raw(10) }), source)
    expect(value.rest).toEqual(hex('c3010203'))
    expect(value.rest.buffer).toBe(source.buffer)
    expect(encode(struct({ id: u8, rest: raw(10) }), value)).toEqual(source)
  })

  test('a conversion that finds a value wrong gives a typed error', () => {
    const even = convert(u8, {
      read(value) {
        if (value % 2 === 1) throw new RangeError(`${value} is odd`)
        return value
      },
      write: (value: number) => value,
    })
    expect(failure(even, '03').code).toBe('RLP_VALUE')
  })

  test('what follows a prefix is left alone', () => {
    expect(decodePrefix(u8, hex('05bfff'))).toEqual({ value: 5, end: 1 })
  })

  test('a list can be cut into its raw items, with a bound', () => {
    expect(listItems(hex('c4 05 82aabb'), 2)).toEqual([hex('05'), hex('82aabb')])
    expect(() => listItems(hex('c3 01 02 03'), 2)).toThrow(expect.objectContaining({ code: 'RLP_TOO_MANY' }))
    expect(readItem(hex('c105'))).toEqual({ kind: 'list', start: 0, payloadStart: 1, end: 2 })
  })

  test('values that do not fit are the caller’s mistake', () => {
    expect(() => encode(u64, 1n << 64n)).toThrow(RangeError)
    expect(() => encode(u64, -1n)).toThrow(RangeError)
    expect(() => encode(fixedBytes(2), hex('01'))).toThrow(RangeError)
    expect(() => encode(list(u8, 1), [1, 2])).toThrow(RangeError)
    expect(encode(u256, (1n << 256n) - 1n).length).toBe(33)
  })
})
