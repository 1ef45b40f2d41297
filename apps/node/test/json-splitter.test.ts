import fc from 'fast-check'
import { JSONRPCErrorException } from 'json-rpc-2.0'
import { describe, expect, test } from 'vitest'
import { createJsonSplitter } from '../src/rpc/json-splitter.ts'

function split(bytes: Uint8Array, cuts: readonly number[] = [], maxBytes = 1_000_000): string[] {
  const splitter = createJsonSplitter(maxBytes)
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b)
  let start = 0
  return ends.flatMap((end) => {
    const texts = [...splitter.push(bytes.subarray(start, end))]
    start = end
    return texts
  })
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const container = fc.json({ stringUnit: 'binary' }).filter((text) => text.startsWith('{') || text.startsWith('['))

describe('a stream of JSON texts', () => {
  test('comes apart at their ends, wherever it is cut and whatever is between them', () => {
    const between = fc.constantFrom('', '\n', ' \t\r\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(container, between)), fc.array(fc.nat(), { maxLength: 20 }), (texts, cuts) => {
        const stream = texts.map(([text, space]) => text + space).join('')
        expect(split(utf8(stream), cuts)).toEqual(texts.map(([text]) => text))
      }),
    )
  })

  test('is not mistaken about brackets and quotes in strings', () => {
    const texts = [String.raw`{"a":"}\"]\\"}`, String.raw`["\\","[{"]`]
    expect(split(utf8(texts.join('')), [3, 7, 8, 9])).toEqual(texts)
  })

  test('ends with a typed error where something else begins', () => {
    for (const text of ['x', '7', '"a"', ']', '{}}', 'POST / HTTP/1.1\r\n\r\n']) {
      expect(() => split(utf8(text)), text).toThrow('parse error')
    }
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat()), (bytes, cuts) => {
        try {
          split(bytes, cuts, 64)
        } catch (error) {
          expect(error).toBeInstanceOf(JSONRPCErrorException)
        }
      }),
    )
  })

  test('case 82: a text over the bound is refused before it is whole, and one at the bound is not', () => {
    expect(split(utf8(`["${'x'.repeat(96)}"]`), [10, 50], 100)).toHaveLength(1)
    expect(() => split(utf8(`["${'x'.repeat(97)}`), [10, 50], 98)).toThrow('message too large')
    expect(() => split(utf8(`["${'x'.repeat(97)}"]`), [], 100)).toThrow('message too large')
  })

  test('case 82: a text in single bytes costs no more memory than twice its length', () => {
    const splitter = createJsonSplitter(4 * 1024 * 1024)
    const piece = utf8('x')
    expect([...splitter.push(utf8('["'))]).toEqual([])
    const before = process.memoryUsage()
    for (let i = 0; i < 1_000_000; i++) for (const _ of splitter.push(piece)) expect.unreachable()
    const after = process.memoryUsage()
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024)
    expect([...splitter.push(utf8('"]'))][0]).toHaveLength(1_000_004)
  })
})
