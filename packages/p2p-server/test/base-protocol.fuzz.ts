import { encodeBytes, encodeList, encodeUint, RlpError } from '@ethwire/rlp-codec'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeDisconnect, encodeDisconnect, UNREADABLE_REASON } from '../src/base-protocol.ts'
import { P2pError } from '../src/errors.ts'
import { decodeHello, encodeHello } from '../src/hello.ts'

const hello = fc.record({
  protocolVersion: fc.nat(),
  clientId: fc.stringMatching(/^[\x20-\x7e]{0,40}$/),
  capabilities: fc.array(fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), version: fc.nat(255) }), {
    maxLength: 9,
  }),
  listenPort: fc.nat(65535),
  publicKey: fc.uint8Array({ minLength: 64, maxLength: 64 }).filter((key) => key.some((byte) => byte !== 0)),
})

test('a hello that is written is read back', () => {
  fc.assert(
    fc.property(hello, (value) => {
      expect(decodeHello(encodeHello(value))).toEqual(value)
    }),
  )
})

test('arbitrary bytes as hello give a value or a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
      try {
        decodeHello(payload)
      } catch (error) {
        expect(error instanceof RlpError || error instanceof P2pError).toBe(true)
      }
    }),
  )
})

test('case 38: any bytes as Disconnect give a reason, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
      expect(decodeDisconnect(payload)).toBeLessThanOrEqual(0xff)
    }),
  )
})

test('a reason is read as a list and as a bare byte', () => {
  for (const reason of [0, 4, 0x10]) {
    expect(decodeDisconnect(encodeDisconnect(reason))).toBe(reason)
    expect(decodeDisconnect(encodeUint(reason))).toBe(reason)
  }
  expect(decodeDisconnect(new Uint8Array(0))).toBe(UNREADABLE_REASON)
  expect(decodeDisconnect(encodeList([encodeList([encodeUint(4)])]))).toBe(UNREADABLE_REASON)
})

const parts = (id: Uint8Array, name = 'x'): Uint8Array[] => [
  encodeUint(5),
  encodeBytes(new TextEncoder().encode(name)),
  encodeList([]),
  encodeUint(0),
  encodeBytes(id),
]
const id = new Uint8Array(64).fill(1)

test('case 36: a key of another length, or of zeros, is no identity', () => {
  for (const wrong of [new Uint8Array(64), id.subarray(1), new Uint8Array(0)]) {
    expect(() => decodeHello(encodeList(parts(wrong)))).toThrow(expect.objectContaining({ code: 'P2P_NULL_IDENTITY' }))
  }
})

test('case 36: 10,000 capabilities are refused, and what could steer a terminal is shown instead of sent', () => {
  const many = parts(id)
  many[2] = encodeList(new Array(10_000).fill(encodeList([encodeBytes(Uint8Array.of(0x61)), encodeUint(1)])))
  expect(() => decodeHello(encodeList(many))).toThrow(expect.objectContaining({ code: 'RLP_TOO_MANY' }))
  expect(decodeHello(encodeList(parts(id, '\u001b[2Jgeth\n'))).clientId).toBe('\\u001b[2Jgeth\\u000a')
})

test('items that a later version may add to hello are ignored', () => {
  expect(decodeHello(encodeList([...parts(id), encodeUint(1), encodeList([])])).clientId).toBe('x')
})
