import { equalBytes, pureCrypto } from '@ethwire/crypto'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, test, vi } from 'vitest'
import * as index from '../src/index.ts'
import { createFrameDecoder, createFrameEncoder, maxFrameBytes } from '../src/index.ts'
import { craftFrame, drain, pair, receiverSecrets, senderSecrets, thrown } from './helpers.ts'
import { gethFrames } from './vectors/geth-frames.ts'

test('the package exports its interface and nothing else', () => {
  expect(Object.keys(index).sort()).toEqual([
    'FrameError',
    'createFrameDecoder',
    'createFrameEncoder',
    'helloMaxFrameBytes',
    'maxFrameBytes',
    'pureSnappy',
  ])
})

describe("go-ethereum's frames", () => {
  test('are decoded, compressed and not', () => {
    const { decoder } = pair()
    for (const { code, payload, frame, snappy } of gethFrames) {
      if (snappy) decoder.enableSnappy()
      decoder.push(hexToBytes(frame))
      const wireBytes = frame.length / 2
      expect(decoder.next()).toEqual({ kind: 'message', code, payload: hexToBytes(payload), wireBytes })
    }
  })

  test('are encoded byte for byte', () => {
    const { encoder } = pair()
    for (const { code, payload, frame, snappy } of gethFrames) {
      if (snappy) encoder.enableSnappy()
      expect(bytesToHex(encoder.encode(code, hexToBytes(payload)))).toBe(frame)
    }
  })

  test('are decoded with the frame of the RLPx test of go-ethereum, whose MAC is a constant', () => {
    const constant = new Uint8Array(32).fill(1)
    const running = { update: () => running, digest: () => constant.slice() }
    const empty = pureCrypto.keccak256(new Uint8Array(0))
    const secrets = { aesKey: empty, macKey: empty, egressMacSeed: constant, ingressMacSeed: constant }
    const crypto = { ...pureCrypto, createKeccak256: () => running }
    const golden =
      '00828ddae471818bb0bfa6b551d1cb4201010101010101010101010101010101' +
      'ba628a4ba590cb43f7848f41c438288501010101010101010101010101010101'
    expect(bytesToHex(createFrameEncoder({ secrets, crypto }).encode(8, hexToBytes('c401020304')))).toBe(golden)
    const decoder = createFrameDecoder({ secrets, crypto })
    decoder.push(hexToBytes(golden))
    expect(decoder.next()).toMatchObject({ code: 8, payload: hexToBytes('c401020304') })
  })
})

describe('a frame', () => {
  test('of any size around the padding comes back', () => {
    const { encoder, decoder } = pair()
    for (let size = 0; size < 70; size++) {
      const payload = new Uint8Array(size).fill(size)
      decoder.push(encoder.encode(size, payload))
      expect(decoder.next()).toMatchObject({ kind: 'message', code: size, payload })
    }
  })

  test('of more than one block comes back, whole and in chunks', () => {
    const noise = pureCrypto.aesCtr(new Uint8Array(16), new Uint8Array(16))
    for (const size of [65_534, 65_535, 65_536, 131_071, 140_000]) {
      const payload = noise.update(new Uint8Array(size))
      for (const chunk of [size * 2, 50_000]) {
        const { encoder, decoder } = pair()
        const frame = encoder.encode(5, payload)
        for (let at = 0; at < frame.length; at += chunk) decoder.push(frame.subarray(at, at + chunk))
        const message = decoder.next()
        expect(message?.kind === 'message' && equalBytes(message.payload, payload)).toBe(true)
      }
    }
  })

  test('carries every code of up to four bytes', () => {
    const { encoder, decoder } = pair()
    for (const code of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 24, 2 ** 31, 2 ** 32 - 1]) {
      decoder.push(encoder.encode(code, Uint8Array.of(0xc0)))
      expect(decoder.next()).toMatchObject({ code, payload: Uint8Array.of(0xc0) })
    }
  })

  test('of the largest size goes through, one byte more is refused by the encoder', () => {
    const { encoder, decoder } = pair({ crypto: { ...pureCrypto, ...cheapCrypto() } })
    const payload = new Uint8Array(maxFrameBytes - 1)
    payload[5] = 5
    decoder.push(encoder.encode(1, payload))
    const message = decoder.next()
    expect(message?.kind === 'message' && message.payload.length === payload.length && message.payload[5] === 5).toBe(
      true,
    )
    expect(() => encoder.encode(1, new Uint8Array(maxFrameBytes))).toThrow(RangeError)
    expect(() => encoder.encode(128, payload)).toThrow(RangeError)
  })

  test('cannot have a code that is no number of four bytes', () => {
    const { encoder } = pair()
    for (const code of [-1, 0.5, 2 ** 32, Number.NaN])
      expect(() => encoder.encode(code, new Uint8Array(1))).toThrow(RangeError)
  })

  test('is unchanged when the pushed buffer is used again', () => {
    const { encoder, decoder } = pair()
    const frame = encoder.encode(3, new Uint8Array(100).fill(7))
    const buffer = frame.slice(0, 50)
    decoder.push(buffer)
    buffer.fill(0)
    decoder.push(frame.subarray(50))
    expect(decoder.next()).toMatchObject({ payload: new Uint8Array(100).fill(7) })
  })

  test('behind Hello is held to the new limit and compressed, though both came in one piece', () => {
    const { encoder, decoder } = pair({ maxFrameBytes: 2048 })
    const hello = encoder.encode(0, new Uint8Array(100).fill(1))
    encoder.enableSnappy()
    const noise = pureCrypto.aesCtr(new Uint8Array(16), new Uint8Array(16))
    const large = noise.update(new Uint8Array(5000))
    const status = encoder.encode(16, large)
    decoder.push(Uint8Array.from([...hello, ...status]))
    expect(decoder.next()).toMatchObject({ code: 0 })
    decoder.enableSnappy()
    decoder.setMaxFrameBytes(maxFrameBytes)
    expect(decoder.next()).toMatchObject({ code: 16, payload: large })
  })
})

describe('a hostile peer', () => {
  for (const [what, at] of [
    ['header', 3],
    ["header's MAC", 20],
    ['body', 40],
    ["body's MAC", 79],
  ] as const) {
    test(`case 25: a flipped bit in the ${what} ends the stream and nothing is delivered`, () => {
      const { encoder, decoder } = pair()
      const frame = encoder.encode(1, new Uint8Array(30))
      frame[at]! ^= 4
      decoder.push(frame)
      expect(thrown(() => decoder.next())).toMatchObject({ name: 'FrameError', code: 'FRAME_MAC' })
      decoder.push(encoder.encode(1, new Uint8Array(30)))
      expect(thrown(() => decoder.next())).toMatchObject({ code: 'FRAME_MAC' })
      expect(decoder.bufferedBytes).toBe(0)
    })
  }

  test('case 25: a replayed frame is refused', () => {
    const { encoder, decoder } = pair()
    const frame = encoder.encode(1, new Uint8Array(30))
    decoder.push(frame)
    decoder.push(frame)
    expect(decoder.next()).toMatchObject({ code: 1 })
    expect(thrown(() => decoder.next())).toMatchObject({ code: 'FRAME_MAC' })
  })

  for (const bytes of [262_000, 262_144, 1_000_000, 3_000_000]) {
    test(`a frame of ${bytes} bytes comes whole, however it is cut, and so does what follows in the same piece`, () => {
      const { encoder, decoder } = pair()
      decoder.setMaxFrameBytes(maxFrameBytes)
      const large = Uint8Array.from({ length: bytes }, (_, index) => index * 7 + (index >> 8))
      const sent = [large, new Uint8Array(5).fill(1), large, new Uint8Array(70_000).fill(2)]
      const wire = Buffer.concat(sent.map((payload) => encoder.encode(3, payload)))
      const received: Uint8Array[] = []
      for (let at = 0, size = 1; at < wire.length; at += size, size = (size * 5 + 1460) % 100_000) {
        decoder.push(wire.subarray(at, at + size))
        for (let item = decoder.next(); item?.kind === 'message'; item = decoder.next()) received.push(item.payload)
      }
      expect(received.map((payload, index) => Buffer.compare(payload, sent[index]!))).toEqual([0, 0, 0, 0])
      expect(decoder.bufferedBytes).toBe(0)
    })
  }

  test('a decoder that is closed keeps nothing and takes nothing', () => {
    const { encoder, decoder } = pair()
    decoder.setMaxFrameBytes(maxFrameBytes)
    const frame = encoder.encode(3, new Uint8Array(1_000_000))
    decoder.push(frame.subarray(0, 900_000))
    expect(decoder.next()).toBeUndefined()
    decoder.close()
    decoder.push(frame.subarray(900_000))
    expect(decoder.next()).toBeUndefined()
    expect(decoder.bufferedBytes).toBe(0)
  })

  test('case 26: a header of 16 MiB and a stalled body cost what was received', () => {
    const { decoder } = pair()
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 50 }, () => {
      const each = pair().decoder
      each.push(craftFrame(new Uint8Array(1000), { declared: maxFrameBytes }))
      expect(each.next()).toBeUndefined()
      return each
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20)
    expect(decoders.every((each) => each.bufferedBytes < 2000)).toBe(true)
    expect(decoder.bufferedBytes).toBe(0)
  })

  test('case 27: a frame of 16 MiB before Hello is refused from its header alone', () => {
    const decoder = createFrameDecoder({ secrets: receiverSecrets })
    decoder.push(craftFrame(new Uint8Array(16), { declared: maxFrameBytes }).subarray(0, 32))
    expect(thrown(() => decoder.next())).toMatchObject({ code: 'FRAME_TOO_LARGE' })
  })

  test('case 27: the limit of a frame is exact', () => {
    const encoder = createFrameEncoder({ secrets: senderSecrets })
    const decoder = createFrameDecoder({ secrets: receiverSecrets })
    decoder.push(encoder.encode(0, new Uint8Array(2047)))
    expect(decoder.next()).toMatchObject({ code: 0 })
    decoder.push(encoder.encode(0, new Uint8Array(2048)))
    expect(thrown(() => decoder.next())).toMatchObject({ code: 'FRAME_TOO_LARGE' })
    for (const bad of [0, -1, 1.5, maxFrameBytes + 1]) expect(() => decoder.setMaxFrameBytes(bad)).toThrow(RangeError)
  })

  test('case 28: a snappy block declaring 1 GiB in 6 bytes is refused before anything is allocated', () => {
    const { decoder } = pair({ maxMessageBytes: () => 2 ** 31 })
    decoder.enableSnappy()
    decoder.push(craftFrame(Uint8Array.of(0x10, 0x80, 0x80, 0x80, 0x80, 0x04, 0x00)))
    expect(thrown(() => decoder.next())).toMatchObject({ code: 'FRAME_SNAPPY' })
  })

  test("case 29: what inflates beyond its code's limit is told with its length and not inflated; the stream goes on", () => {
    let inflated = 0
    const snappy: index.Snappy = {
      compress: index.pureSnappy.compress,
      uncompress(bytes, maxBytes) {
        inflated++
        return index.pureSnappy.uncompress(bytes, maxBytes)
      },
    }
    const { encoder, decoder } = pair({ snappy, maxMessageBytes: (code) => (code === 31 ? 10_000 : 100) })
    encoder.enableSnappy()
    decoder.enableSnappy()
    decoder.push(encoder.encode(31, new Uint8Array(1_000_000)))
    decoder.push(encoder.encode(31, new Uint8Array(10_000)))
    decoder.push(encoder.encode(30, new Uint8Array(101)))
    decoder.push(encoder.encode(30, new Uint8Array(100)))
    expect(drain(decoder)).toMatchObject([
      { kind: 'oversized', code: 31, declaredBytes: 1_000_000 },
      { kind: 'message', code: 31 },
      { kind: 'oversized', code: 30, declaredBytes: 101 },
      { kind: 'message', code: 30 },
    ])
    expect(inflated).toBe(2)
  })

  test('case 29: the limit of a code holds without compression, too', () => {
    const { encoder, decoder } = pair({ maxMessageBytes: () => 10 })
    decoder.push(encoder.encode(1, new Uint8Array(11)))
    decoder.push(encoder.encode(1, new Uint8Array(10)))
    expect(drain(decoder)).toMatchObject([{ kind: 'oversized', declaredBytes: 11 }, { kind: 'message' }])
  })

  for (const [what, content] of [
    ['an empty frame', []],
    ['case 31: a code of nine bytes', [0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['a code of five bytes', [0x85, 1, 2, 3, 4, 5]],
    ['a code with a leading zero', [0x82, 0, 1]],
    ['a code zero as a byte', [0x00]],
    ['a small code in the long form', [0x81, 0x7f]],
    ['a list as a code', [0xc1, 0x01]],
    ['a code that ends early', [0x82, 0x01]],
  ] as const) {
    test(`case 31: ${what.replace('case 31: ', '')} is refused`, () => {
      const { decoder } = pair()
      decoder.push(craftFrame(Uint8Array.from(content)))
      const expected = content.length === 0 ? 'FRAME_EMPTY' : 'FRAME_CODE'
      expect(thrown(() => decoder.next())).toMatchObject({ name: 'FrameError', code: expected })
    })
  }

  test('case 31: code 256 is handed on, for who knows the codes that are in use', () => {
    const { decoder } = pair()
    decoder.push(craftFrame(Uint8Array.of(0x82, 0x01, 0x00, 0xc0)))
    expect(decoder.next()).toMatchObject({ code: 256, payload: Uint8Array.of(0xc0) })
  })

  test("case 30: another snappy's errors end the stream as ours do", () => {
    const { encoder, decoder } = pair({
      snappy: {
        compress: index.pureSnappy.compress,
        uncompress() {
          throw new Error('some library')
        },
      },
    })
    encoder.enableSnappy()
    decoder.enableSnappy()
    decoder.push(encoder.encode(1, new Uint8Array(3)))
    expect(thrown(() => decoder.next())).toMatchObject({ name: 'FrameError', code: 'FRAME_SNAPPY' })
  })
})

describe('a stream of frames', () => {
  const payloads = Array.from({ length: 1000 }, (_, index) => new Uint8Array(index % 97).fill(index))

  test('case 32: 1,000 frames in one piece and byte by byte give the same messages', () => {
    const { encoder, decoder } = pair()
    const bytes = Uint8Array.from(payloads.flatMap((payload, index) => [...encoder.encode(index, payload)]))
    decoder.push(bytes)
    const together = drain(decoder)
    const slow = pair().decoder
    const oneByOne = []
    for (const byte of bytes) {
      slow.push(Uint8Array.of(byte))
      oneByOne.push(...drain(slow))
    }
    expect(together).toHaveLength(1000)
    expect(oneByOne).toEqual(together)
    expect(together.map((message) => message.kind === 'message' && message.payload.length)).toEqual(
      payloads.map((payload) => payload.length),
    )
    expect(decoder.bufferedBytes).toBe(0)
  })

  test('case 32: the cost of a large frame in small pieces grows with its size, not with its square', () => {
    const crypto = { ...pureCrypto, ...cheapCrypto() }
    const cost = (size: number): number => {
      const { encoder, decoder } = pair({ crypto })
      const frame = encoder.encode(1, new Uint8Array(size))
      const copies = vi.spyOn(Uint8Array.prototype, 'set')
      for (let at = 0; at < frame.length; at += 100) {
        decoder.push(frame.subarray(at, at + 100))
        decoder.next()
      }
      const copied = copies.mock.calls.reduce((total, [source]) => total + source.length, 0)
      copies.mockRestore()
      return copied
    }
    const small = cost(1 << 17)
    const large = cost(1 << 20)
    expect(small).toBeGreaterThan(1 << 17)
    // Eight times the size: eight times the bytes copied if linear, sixty-four if quadratic.
    expect(large / small).toBeLessThan(9)
  })
})

/** Ciphers that cost nothing, where only the machine around them is looked at. */
function cheapCrypto(): Pick<typeof pureCrypto, 'aesCtr' | 'createKeccak256'> {
  return {
    aesCtr: () => ({ update: (bytes) => bytes.slice() }),
    createKeccak256() {
      const running = { update: () => running, digest: () => new Uint8Array(32) }
      return running
    },
  }
}
