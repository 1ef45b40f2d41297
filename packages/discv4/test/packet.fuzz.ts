import { pureCrypto } from '@ethwire/crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Discv4Error, decodePacket, encodePacket, inspectPacket, type Packet } from '../src/packet.ts'
import { bytesOf, packets } from './arbitraries.ts'
import { standInCrypto as crypto } from './stand-in-crypto.ts'

const privateKey = new Uint8Array(32).fill(1)

/** Puts the right hash before whatever is there, so that it is read. */
function rehash(bytes: Uint8Array): Uint8Array {
  bytes.set(crypto.keccak256(bytes.subarray(32)))
  return bytes
}

function readOrRefuse(bytes: Uint8Array): Packet | undefined {
  try {
    return decodePacket(bytes, { crypto }).packet
  } catch (error) {
    expect(error).toBeInstanceOf(Discv4Error)
    return undefined
  }
}

describe('packets', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const { bytes, hash } = encodePacket(packet, { privateKey, crypto })
        const decoded = decodePacket(bytes, { crypto })
        expect(decoded.packet).toEqual(packet)
        expect(decoded.hash).toEqual(hash)
        expect(decoded.publicKey).toEqual(crypto.publicKey(privateKey))
      }),
    )
  })

  it('are read or refused with a code, whatever their bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), (bytes) => {
        readOrRefuse(bytes)
      }),
    )
  })

  it('are read or refused with a code, whatever follows a right hash', () => {
    const fields = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.uint8Array({ maxLength: 1182 }))
    fc.assert(
      fc.property(bytesOf(97), fields, (head, [type, body]) => {
        readOrRefuse(rehash(Uint8Array.of(...head, type, ...body)))
      }),
    )
  })

  it('are read or refused with a code, whatever byte of one is changed', () => {
    fc.assert(
      fc.property(packets, fc.nat(), fc.nat(255), (packet, at, byte) => {
        const bytes = encodePacket(packet, { privateKey, crypto }).bytes.slice()
        bytes[97 + (at % (bytes.length - 97))] = byte
        const read = readOrRefuse(rehash(bytes))
        // What is read can be written again, unless it is a form that only strangers use.
        if (read !== undefined) expect(inspectPacket(rehash(bytes), { crypto }).packet).toEqual(read)
      }),
    )
  })

  it('keep what follows them for later versions: more items, more bytes', () => {
    fc.assert(
      fc.property(packets, fc.uint8Array({ maxLength: 40 }), (packet, rest) => {
        const { bytes } = encodePacket(packet, { privateKey, crypto })
        if (bytes.length + rest.length > 1280) return
        expect(readOrRefuse(rehash(Uint8Array.of(...bytes, ...rest)))).toEqual(packet)
      }),
    )
  })

  it('signed by any key tell that key', () => {
    fc.assert(
      fc.property(bytesOf(32), packets, (key, packet) => {
        fc.pre(pureCrypto.isPrivateKey(key))
        const { bytes } = encodePacket(packet, { privateKey: key })
        expect(decodePacket(bytes).publicKey).toEqual(pureCrypto.publicKey(key))
      }),
      { numRuns: 50 },
    )
  })
})
