import { equalBytes, pureCrypto } from '@ethwire/crypto'
import { createSeededRandom } from '@ethwire/testing'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { createRecipient } from '../src/index.ts'
import { openAck, openAuth } from '../src/packets.ts'
import { deriveSecrets, xor } from '../src/secrets.ts'
import { eip8 } from './vectors/eip-8.ts'

const bytes = (name: keyof typeof eip8): Uint8Array => hexToBytes(eip8[name])
const publicKeyA = pureCrypto.publicKey(bytes('staticKeyA'))
const publicKeyB = pureCrypto.publicKey(bytes('staticKeyB'))

describe('EIP-8 vectors', () => {
  for (const [name, version] of [
    ['auth2', 4n],
    ['auth3', 56n],
  ] as const) {
    test(`case 19: ${name} (version ${version}) opens, whatever follows its four fields`, () => {
      expect(openAuth(pureCrypto, bytes('staticKeyB'), bytes(name))).toEqual({
        signature: bytes('authSignature'),
        publicKey: publicKeyA,
        nonce: bytes('nonceA'),
        version,
      })
    })

    test(`case 19: a recipient that gets ${name} is done and knows who sent it`, () => {
      const recipient = createRecipient({ privateKey: bytes('staticKeyB'), random: createSeededRandom(1) })
      const step = recipient.push(bytes(name))
      expect(step.state === 'done' && bytesToHex(step.remotePublicKey)).toBe(bytesToHex(publicKeyA))
    })
  }

  for (const [name, version] of [
    ['ack2', 4n],
    ['ack3', 57n],
  ] as const) {
    test(`case 19: ${name} (version ${version}) opens, whatever follows its three fields`, () => {
      expect(openAck(pureCrypto, bytes('staticKeyA'), bytes(name))).toEqual({
        ephemeralPublicKey: pureCrypto.publicKey(bytes('ephemeralKeyB')),
        nonce: bytes('nonceB'),
        version,
      })
    })
  }

  test('the signature of an auth recovers to the ephemeral key', () => {
    const token = pureCrypto.ecdh(bytes('staticKeyA'), publicKeyB).subarray(1)
    const signed = xor(token, bytes('nonceA'))
    expect(pureCrypto.recover(signed, bytes('authSignature'))).toEqual(pureCrypto.publicKey(bytes('ephemeralKeyA')))
  })

  test('the recipient derives the secrets and the MAC state of auth2 and ack2, the initiator their mirror', () => {
    const shared = {
      initiatorNonce: bytes('nonceA'),
      recipientNonce: bytes('nonceB'),
      auth: bytes('auth2'),
      ack: bytes('ack2'),
    }
    const recipient = deriveSecrets(pureCrypto, {
      ...shared,
      initiator: false,
      ephemeralKey: bytes('ephemeralKeyB'),
      remoteEphemeralPublicKey: pureCrypto.publicKey(bytes('ephemeralKeyA')),
    })
    expect(bytesToHex(recipient.aesKey)).toBe(eip8.aesSecret)
    expect(bytesToHex(recipient.macKey)).toBe(eip8.macSecret)
    const ingress = pureCrypto
      .createKeccak256()
      .update(recipient.ingressMacSeed)
      .update(new TextEncoder().encode('foo'))
    expect(bytesToHex(ingress.digest())).toBe(eip8.ingressMacFoo)

    const initiator = deriveSecrets(pureCrypto, {
      ...shared,
      initiator: true,
      ephemeralKey: bytes('ephemeralKeyA'),
      remoteEphemeralPublicKey: pureCrypto.publicKey(bytes('ephemeralKeyB')),
    })
    expect(equalBytes(initiator.egressMacSeed, recipient.ingressMacSeed)).toBe(true)
    expect(equalBytes(initiator.ingressMacSeed, recipient.egressMacSeed)).toBe(true)
    expect(bytesToHex(initiator.aesKey)).toBe(eip8.aesSecret)
  })

  test('packets of the format before EIP-8 are refused', () => {
    for (const name of ['auth1', 'ack1'] as const) {
      const recipient = createRecipient({ privateKey: bytes('staticKeyB'), random: createSeededRandom(1) })
      const padded = new Uint8Array(2050)
      padded.set(bytes(name))
      expect(() => recipient.push(padded)).toThrow(expect.objectContaining({ code: 'ECIES_HANDSHAKE_FAILED' }))
    }
  })
})
