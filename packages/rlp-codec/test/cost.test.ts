import { describe, expect, test } from 'vitest'
import { decode, encodeList, list, RlpError, raw, type Schema, struct, u64 } from '../src/index.ts'

/** How many bytes a schema looks at, and how many it copies, until it has decided. */
function cost(schema: Schema<unknown>, bytes: Uint8Array): { reads: number; copied: number; code: string | undefined } {
  let reads = 0
  let copied = 0
  const watched = new Proxy(bytes, {
    get(target, property) {
      if (typeof property === 'string' && /^\d+$/.test(property)) reads++
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args)
        if (result instanceof Uint8Array && result.buffer !== target.buffer) copied += result.length
        return result
      }
    },
  })
  try {
    decode(schema, watched)
    return { reads, copied, code: undefined }
  } catch (error) {
    if (error instanceof RlpError) return { reads, copied, code: error.code }
    throw error
  }
}

const mebibyte = 1024 * 1024
const items = (count: number): Uint8Array => encodeList([new Uint8Array(count).fill(0xc0)])

describe('case 42: the cost of a message', () => {
  test('of 10 MiB of empty lists ends where the count of its schema ends, and nothing is copied', () => {
    const message = items(10 * mebibyte)
    const small = cost(list(raw(100), 1024), message)
    expect(small).toMatchObject({ copied: 0, code: 'RLP_TOO_MANY' })
    expect(small.reads).toBeLessThan(2 * 1024 + 16)
  })

  test('of one that is nested 50,000 deep ends where the depth of its schema ends', () => {
    const parts: Uint8Array[] = []
    // Built from the inside out, without copying it once for each level.
    for (let depth = 0, length = 1; depth < 50_000; depth++) {
      const header = listHeader(length)
      parts.push(header)
      length += header.length
    }
    const message = Uint8Array.from([...parts.reverse().flatMap((part) => [...part]), 0xc0])
    const two = cost(list(list(u64, 10), 10), message)
    expect(two).toMatchObject({ copied: 0, code: 'RLP_KIND' })
    expect(two.reads).toBeLessThan(64)
  })

  test('grows with the bytes that are read until the rejection, and not faster', () => {
    const schema = list(struct({ a: list(u64, 4), b: u64 }), mebibyte)
    const item = encodeList([encodeList([Uint8Array.of(1), Uint8Array.of(2)]), Uint8Array.of(3)])
    const readsFor = (count: number): number => {
      // All is well but for the last item, which is of another kind.
      const message = encodeList([...new Array<Uint8Array>(count).fill(item), Uint8Array.of(7)])
      const { reads, copied, code } = cost(schema, message)
      expect({ copied, code }).toEqual({ copied: 0, code: 'RLP_KIND' })
      return reads
    }
    const counts = [1_000, 2_000, 4_000, 8_000]
    const perItem = counts.map((count) => readsFor(count) / count)
    expect(Math.max(...perItem) / Math.min(...perItem)).toBeLessThan(1.05)
  })
})

function listHeader(length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(0xc0 + length)
  const size: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256)
  return Uint8Array.of(0xf7 + size.length, ...size)
}
