import { pureCrypto } from '@ethwire/crypto'
import { createSeededRandom } from '@ethwire/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createInitiator, createRecipient, EciesError, type HandshakeStep, type Recipient } from '../src/index.ts'

const keyA = new Uint8Array(32).fill(1)
const keyB = new Uint8Array(32).fill(2)
const remotePublicKey = pureCrypto.publicKey(keyB)

/** Feeds `bytes` cut into pieces of the given sizes, over and over. */
function feed(side: Recipient, bytes: Uint8Array, sizes: readonly number[]): HandshakeStep {
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    const step = side.push(bytes.subarray(start, start + size))
    start += size
    if (step.state === 'done') return step
  }
  return { state: 'more' }
}

test('any chunking of both packets gives both sides the same keys', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (seed, sizes) => {
      const random = createSeededRandom(seed)
      const initiator = createInitiator({ privateKey: keyA, remotePublicKey, random })
      const recipient = createRecipient({ privateKey: keyB, random })
      const received = feed(recipient, initiator.start(), sizes)
      if (received.state !== 'done' || !received.send) throw new Error('the recipient is not done')
      const answered = feed(initiator, received.send, sizes)
      if (answered.state !== 'done') throw new Error('the initiator is not done')
      expect(answered.secrets.aesKey).toEqual(received.secrets.aesKey)
      expect(answered.secrets.egressMacSeed).toEqual(received.secrets.ingressMacSeed)
    }),
  )
})

test('any change of one byte of an auth is refused as one of the typed errors, or waits for more', () => {
  const auth = createInitiator({ privateKey: keyA, remotePublicKey, random: createSeededRandom(7) }).start()
  fc.assert(
    fc.property(fc.nat(auth.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const packet = auth.slice()
      packet[at]! ^= change
      try {
        expect(createRecipient({ privateKey: keyB }).push(packet)).toEqual({ state: 'more' })
      } catch (error) {
        expect(error).toBeInstanceOf(EciesError)
      }
    }),
  )
})

test('any bytes at all are refused as one of the typed errors, or wait for more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2200, size: 'max' }), (bytes) => {
      try {
        expect(createRecipient({ privateKey: keyB }).push(bytes)).toEqual({ state: 'more' })
      } catch (error) {
        expect(error).toBeInstanceOf(EciesError)
      }
    }),
  )
})
