import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameError, pureSnappy } from '../src/index.ts'
import { drain, pair } from './helpers.ts'

const message = fc.record({ code: fc.nat(300), payload: fc.uint8Array({ maxLength: 300 }) })

test('any messages in any chunking come back as they were, compressed or not', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      fc.boolean(),
      (messages, sizes, compressed) => {
        const { encoder, decoder } = pair()
        if (compressed) {
          encoder.enableSnappy()
          decoder.enableSnappy()
        }
        const bytes = Uint8Array.from(messages.flatMap(({ code, payload }) => [...encoder.encode(code, payload)]))
        const received = []
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const size = sizes[turn % sizes.length]!
          decoder.push(bytes.subarray(start, start + size))
          received.push(...drain(decoder))
          start += size
        }
        expect(received.map((each) => each.kind === 'message' && { code: each.code, payload: each.payload })).toEqual(
          messages.map(({ code, payload }) => ({ code, payload: Uint8Array.from(payload) })),
        )
        expect(decoder.bufferedBytes).toBe(0)
      },
    ),
  )
})

test('case 25: any bytes and any flipped bit end in a typed error or in waiting, never in a wrong message', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(7), ({ code, payload }, at, bit) => {
      const { encoder, decoder } = pair()
      const frame = encoder.encode(code, payload)
      frame[at % frame.length]! ^= 1 << bit
      decoder.push(frame)
      expect(() => decoder.next()).toThrow(FrameError)
    }),
  )
})

const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 40 })), { maxLength: 30 })
  .map((parts) =>
    Uint8Array.from(parts.flatMap(([piece, times]) => Array.from({ length: times }, () => [...piece]).flat())),
  )

test('whatever is compressed uncompresses to itself', () => {
  fc.assert(
    fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 5000, size: 'max' })), (bytes) => {
      const block = pureSnappy.compress(bytes)
      expect(pureSnappy.uncompress(block, bytes.length)).toEqual(Uint8Array.from(bytes))
    }),
  )
})

test('any bytes as a block give a typed error or as many bytes as they declare', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.uint8Array({ maxLength: 60 }), (declared, elements) => {
      try {
        expect(pureSnappy.uncompress(Uint8Array.from([declared, ...elements]), 100)).toHaveLength(declared)
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError)
      }
    }),
  )
})
