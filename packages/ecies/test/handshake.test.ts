import { type Crypto, pureCrypto } from '@ethwire/crypto'
import type { Random } from '@ethwire/io'
import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import * as index from '../src/index.ts'
import { createInitiator, createRecipient, type HandshakeDone, type HandshakeStep } from '../src/index.ts'
import { sealAuth } from '../src/packets.ts'
import { xor } from '../src/secrets.ts'

const keyA = new Uint8Array(32).fill(1)
const keyB = new Uint8Array(32).fill(2)
const publicKeyA = pureCrypto.publicKey(keyA)
const publicKeyB = pureCrypto.publicKey(keyB)

test('the package exports its handshake and nothing else', () => {
  expect(Object.keys(index).sort()).toEqual(['EciesError', 'createInitiator', 'createRecipient'])
})

function pair(seed = 1): { initiator: index.Initiator; recipient: index.Recipient } {
  const random = createSeededRandom(seed)
  return {
    initiator: createInitiator({ privateKey: keyA, remotePublicKey: publicKeyB, random }),
    recipient: createRecipient({ privateKey: keyB, random }),
  }
}

function done(step: HandshakeStep): HandshakeDone {
  if (step.state !== 'done') throw new Error('the handshake wants more')
  return step
}

const failure = (code: string) => expect.objectContaining({ name: 'EciesError', code })

describe('a handshake', () => {
  test('ends with mirrored secrets and with each knowing the other', () => {
    const { initiator, recipient } = pair()
    const received = done(recipient.push(initiator.start()))
    const answered = done(initiator.push(received.send!))
    expect(received.remotePublicKey).toEqual(publicKeyA)
    expect(answered.remotePublicKey).toEqual(publicKeyB)
    expect(answered.send).toBeUndefined()
    expect(answered.secrets).toEqual({
      ...received.secrets,
      egressMacSeed: received.secrets.ingressMacSeed,
      ingressMacSeed: received.secrets.egressMacSeed,
    })
    expect(received.secrets.aesKey).toHaveLength(32)
    expect(received.secrets.macKey).toHaveLength(32)
  })

  test('hands on what came after the packet', () => {
    const { initiator, recipient } = pair()
    const { send } = done(recipient.push(initiator.start()))
    const frames = Uint8Array.of(9, 8, 7)
    const chunk = new Uint8Array([...send!, ...frames])
    const { rest } = done(initiator.push(chunk))
    chunk.fill(0)
    expect(rest).toEqual(frames)
  })

  test('goes the same way when bytes come one by one', () => {
    const { initiator, recipient } = pair()
    const feed = (side: index.Recipient, packet: Uint8Array): HandshakeDone => {
      for (const byte of packet.subarray(0, -1)) expect(side.push(Uint8Array.of(byte))).toEqual({ state: 'more' })
      return done(side.push(packet.subarray(-1)))
    }
    const received = feed(recipient, initiator.start())
    const answered = feed(initiator, received.send!)
    expect(answered.secrets.aesKey).toEqual(received.secrets.aesKey)
  })

  test('works without options, on the random numbers of the platform', () => {
    const initiator = createInitiator({ privateKey: keyA, remotePublicKey: publicKeyB })
    const recipient = createRecipient({ privateKey: keyB })
    const received = done(recipient.push(initiator.start()))
    expect(done(initiator.push(received.send!)).secrets.macKey).toEqual(received.secrets.macKey)
  })

  test('pads packets to different sizes, always beyond the ones before EIP-8', () => {
    const sizes = new Set<number>()
    for (let seed = 0; seed < 10; seed++) {
      const size = pair(seed).initiator.start().length - 2
      expect(size).toBeGreaterThan(307)
      expect(size).toBeLessThanOrEqual(282 + 199)
      sizes.add(size)
    }
    expect(sizes.size).toBeGreaterThan(5)
  })

  test('draws a new key when the random bytes are none', () => {
    const seeded = createSeededRandom(1)
    let draws = 0
    const random: Random = { bytes: (length) => (draws++ === 0 ? new Uint8Array(length) : seeded.bytes(length)) }
    const recipient = createRecipient({ privateKey: keyB, random })
    const step = recipient.push(pair().initiator.start())
    expect(step.state).toBe('done')
  })

  test('refuses keys that are none when it is made', () => {
    expect(() => createRecipient({ privateKey: new Uint8Array(32) })).toThrow(RangeError)
    expect(() => createRecipient({ privateKey: keyA, nonce: new Uint8Array(31) })).toThrow(RangeError)
    expect(() => createRecipient({ privateKey: keyA, ephemeralKey: new Uint8Array(32) })).toThrow(RangeError)
    expect(() => createInitiator({ privateKey: keyA, remotePublicKey: new Uint8Array(64) })).toThrow(RangeError)
  })

  test('refuses to be used out of order', () => {
    const { initiator, recipient } = pair()
    expect(() => initiator.push(new Uint8Array(1))).toThrow(failure('ECIES_STATE'))
    recipient.push(initiator.start())
    expect(() => initiator.start()).toThrow(failure('ECIES_STATE'))
    expect(() => recipient.push(new Uint8Array(1))).toThrow(failure('ECIES_STATE'))
  })
})

describe('a hostile initiator', () => {
  for (const size of [0, 1, 96, 113, 130, 281, 2049, 65_535]) {
    test(`case 16: an auth of ${size} bytes is refused from its prefix`, () => {
      const { recipient } = pair()
      expect(recipient.push(Uint8Array.of(size >> 8))).toEqual({ state: 'more' })
      expect(() => recipient.push(Uint8Array.of(size & 0xff))).toThrow(failure('ECIES_PACKET_SIZE'))
    })
  }

  test('case 16: of a huge first chunk no more than one packet is kept', () => {
    const { recipient } = pair()
    const chunk = new Uint8Array(1 << 20)
    chunk.set([0x08, 0x00])
    expect(() => recipient.push(chunk)).toThrow(failure('ECIES_HANDSHAKE_FAILED'))
  })

  test('case 16: 2,048 bytes are still a packet', () => {
    const { recipient } = pair()
    expect(recipient.push(Uint8Array.of(0x08, 0x00))).toEqual({ state: 'more' })
    expect(recipient.push(new Uint8Array(2047))).toEqual({ state: 'more' })
    expect(() => recipient.push(new Uint8Array(1))).toThrow(failure('ECIES_HANDSHAKE_FAILED'))
  })

  test('case 17: a zero, off-curve or too large point and a wrong tag are the same failure', () => {
    const good = pair().initiator.start()
    const point = (x: number, y: number): Uint8Array => {
      const bytes = new Uint8Array(64)
      bytes[31] = x
      bytes[63] = y
      return bytes
    }
    const changed = [
      point(0, 0),
      point(1, 1),
      new Uint8Array(64).fill(255),
      publicKeyA.map((byte, i) => byte ^ +(i === 63)),
    ]
    const packets = changed.map((key) => {
      const packet = good.slice()
      packet.set(key, 3)
      return packet
    })
    for (const at of [2, good.length - 1, 70, 90]) {
      const packet = good.slice()
      packet[at]! ^= 1
      packets.push(packet)
    }
    const errors = packets.map((packet) => {
      try {
        pair().recipient.push(packet)
      } catch (error) {
        return error as index.EciesError
      }
      throw new Error('the packet was accepted')
    })
    expect(new Set(errors.map((error) => `${error.name} ${error.code} ${error.message}`)).size).toBe(1)
    expect(errors[0]!.code).toBe('ECIES_HANDSHAKE_FAILED')
    expect(errors.every((error) => error.cause === undefined)).toBe(true)
  })

  test('case 16: the size in the prefix is under the tag', () => {
    const packet = pair().initiator.start()
    const longer = new Uint8Array(packet.length + 1)
    longer.set(packet)
    longer.set([(packet.length - 1) >> 8, (packet.length - 1) & 255])
    expect(() => pair().recipient.push(longer)).toThrow(failure('ECIES_HANDSHAKE_FAILED'))
  })

  const auth = (change: Partial<Parameters<typeof sealAuth>[2]>): Uint8Array => {
    const nonce = new Uint8Array(32).fill(5)
    const token = pureCrypto.ecdh(keyA, publicKeyB).subarray(1)
    const signature = pureCrypto.sign(xor(token, nonce), new Uint8Array(32).fill(6))
    const fields = { signature, publicKey: publicKeyA, nonce, version: 4n, ...change }
    return sealAuth({ crypto: pureCrypto, random: createSeededRandom(3) }, publicKeyB, fields)
  }

  test('case 18: an impossible signature is refused', () => {
    const good = new Uint8Array(65).fill(1)
    const signatures = [new Uint8Array(65), new Uint8Array(65).fill(255), good.with(64, 4), good.with(64, 27)]
    for (const signature of signatures) {
      expect(() => pair().recipient.push(auth({ signature }))).toThrow(failure('ECIES_HANDSHAKE_FAILED'))
    }
    expect(pair().recipient.push(auth({})).state).toBe('done')
  })

  test('case 18: a static key that is no point is refused', () => {
    const packet = auth({ publicKey: new Uint8Array(64).fill(1) })
    expect(() => pair().recipient.push(packet)).toThrow(failure('ECIES_HANDSHAKE_FAILED'))
  })

  test("case 18: who claims another's static key ends with secrets that he does not have", () => {
    const nonce = new Uint8Array(32).fill(5)
    const ephemeralKey = new Uint8Array(32).fill(6)
    const honest = done(pair().recipient.push(auth({})))
    const claimed = done(pair().recipient.push(auth({ publicKey: pureCrypto.publicKey(new Uint8Array(32).fill(9)) })))
    expect(honest.remotePublicKey).toEqual(publicKeyA)
    // What the liar can compute: his own ephemeral key with the recipient's. The recipient recovered another key.
    const initiator = createInitiator({ privateKey: keyA, remotePublicKey: publicKeyB, nonce, ephemeralKey })
    initiator.start()
    expect(() => initiator.push(claimed.send!)).toThrow(failure('ECIES_HANDSHAKE_FAILED'))
    expect(claimed.secrets.aesKey).not.toEqual(honest.secrets.aesKey)
  })

  test('case 22: a replayed auth gives other secrets than the first time, which the replayer cannot derive', () => {
    const { initiator, recipient } = pair(1)
    const packet = initiator.start()
    const first = done(recipient.push(packet))
    const second = done(createRecipient({ privateKey: keyB, random: createSeededRandom(2) }).push(packet))
    expect(second.secrets.aesKey).not.toEqual(first.secrets.aesKey)
    expect(second.secrets.macKey).not.toEqual(first.secrets.macKey)
  })

  test('after a failure nothing more is taken', () => {
    const { recipient } = pair()
    expect(() => recipient.push(new Uint8Array(2))).toThrow(failure('ECIES_PACKET_SIZE'))
    expect(() => recipient.push(new Uint8Array(2))).toThrow(failure('ECIES_STATE'))
  })
})

describe('a hostile recipient', () => {
  test('case 18: an ack for another key, or one with a point off the curve, is refused', () => {
    const { initiator } = pair()
    initiator.start()
    const other = createInitiator({ privateKey: keyB, remotePublicKey: publicKeyB, random: createSeededRandom(4) })
    const wrong = done(createRecipient({ privateKey: keyB, random: createSeededRandom(5) }).push(other.start()))
    expect(() => initiator.push(wrong.send!)).toThrow(failure('ECIES_HANDSHAKE_FAILED'))
  })

  test('case 16: an ack of an impossible size is refused from its prefix', () => {
    for (const size of [0, 214, 2049]) {
      const { initiator } = pair()
      initiator.start()
      expect(() => initiator.push(Uint8Array.of(size >> 8, size & 255))).toThrow(failure('ECIES_PACKET_SIZE'))
    }
  })
})

test('the ephemeral key is wiped when the handshake is over, well or ill', () => {
  const seen: Uint8Array[] = []
  const crypto: Crypto = {
    ...pureCrypto,
    sign(hash, privateKey) {
      seen.push(privateKey)
      return pureCrypto.sign(hash, privateKey)
    },
  }
  const initiator = createInitiator({ privateKey: keyA, remotePublicKey: publicKeyB, crypto })
  initiator.start()
  expect(seen[0]!.some((byte) => byte !== 0)).toBe(true)
  expect(() => initiator.push(new Uint8Array(2))).toThrow(index.EciesError)
  expect(seen[0]!.every((byte) => byte === 0)).toBe(true)
})
