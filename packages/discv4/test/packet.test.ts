import { pureCrypto } from '@ethwire/crypto'
import { encodeList, encodeUint } from '@ethwire/rlp-codec'
import { describe, expect, it } from 'vitest'
import {
  Discv4Error,
  decodePacket,
  encodePacket,
  inspectPacket,
  isExpired,
  maxNeighbors,
  maxPacketBytes,
  type Packet,
  type PacketNode,
  recoverSender,
} from '../src/packet.ts'
import { eip8, eip8Nodes } from './vectors/eip-8.ts'

const hexToBytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const bytesToHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const privateKey = hexToBytes(eip8.privateKey)
const publicKey = pureCrypto.publicKey(privateKey)
const expiration = 1136239445

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof Discv4Error) return error.code
    throw error
  }
  return undefined
}

/** A packet whose hash and signature are right, whatever its fields. */
function sealed(type: number, fields: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(98 + fields.length)
  bytes[97] = type
  bytes.set(fields, 98)
  bytes.set(pureCrypto.sign(pureCrypto.keccak256(bytes.subarray(97)), privateKey), 32)
  bytes.set(pureCrypto.keccak256(bytes.subarray(32)))
  return bytes
}

describe('the packets of EIP-8', () => {
  const from = { ip: '127.0.0.1', udpPort: 3322, tcpPort: 5544 }
  const to = { ip: '::1', udpPort: 2222, tcpPort: 3333 }
  const far = { ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348', udpPort: 2222, tcpPort: 33338 }
  const target =
    'ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd31387574077f301b421bc84df7266c44e9e6d569fc56be00812904767bf5ccd1fc7f'
  const pingHash = 'fbc914b16819237dcd8801d7e53f69e9719adecb3cc0e790c57e91ca4461c954'
  const cases: readonly [keyof typeof eip8, object][] = [
    ['ping', { type: 'ping', version: 4, from, to, expiration, enrSeq: undefined }],
    ['pingVersion4', { type: 'ping', version: 4, from, to, expiration, enrSeq: 1n }],
    [
      'pingVersion555',
      {
        type: 'ping',
        version: 555,
        from: { ip: '2001:db8:3c4d:15::abcd:ef12', udpPort: 3322, tcpPort: 5544 },
        to: far,
        expiration,
        // What stands in the place of the sequence number is none.
        enrSeq: undefined,
      },
    ],
    ['pong', { type: 'pong', to: far, pingHash: hexToBytes(pingHash), expiration, enrSeq: undefined }],
    ['findnode', { type: 'findnode', target: hexToBytes(target), expiration }],
    [
      'neighbors',
      {
        type: 'neighbors',
        nodes: eip8Nodes.map((node) => ({ ...node, publicKey: hexToBytes(node.publicKey) })),
        expiration,
      },
    ],
  ]

  it.each(cases)('%s is read, extra items, data and all', (name, packet) => {
    const decoded = decodePacket(hexToBytes(eip8[name]))
    expect(decoded.packet).toEqual(packet)
    expect(decoded.publicKey).toEqual(publicKey)
    expect(bytesToHex(decoded.hash)).toBe(eip8[name].slice(0, 64))
  })

  it('a plain one is written to the same byte, except that its signature has another nonce', () => {
    const { packet } = decodePacket(hexToBytes(eip8.ping))
    const { bytes, hash } = encodePacket(packet, { privateKey })
    expect(bytesToHex(bytes.subarray(97))).toBe(eip8.ping.slice(2 * 97))
    expect(hash).toEqual(bytes.subarray(0, 32))
    expect(decodePacket(bytes)).toEqual({ packet, hash, publicKey })
  })
})

describe('packets', () => {
  const ping: Packet = {
    type: 'ping',
    version: 4,
    from: { ip: undefined, udpPort: 0, tcpPort: 0 },
    to: { ip: '10.0.0.1', udpPort: 30303, tcpPort: 0 },
    expiration,
    enrSeq: 2n ** 64n - 1n,
  }

  it('are read without looking at the signature', () => {
    const { bytes } = encodePacket(ping, { privateKey })
    const inspected = inspectPacket(bytes, { crypto: { ...pureCrypto, recover: () => expect.fail('recovered') } })
    expect(inspected.packet).toEqual(ping)
    expect(recoverSender(bytes)).toEqual(publicKey)
  })

  it('have at most twelve nodes of any kind, which fit', () => {
    const node: PacketNode = { ip: 'ffff::ffff', udpPort: 65535, tcpPort: 65535, publicKey }
    const nodes = Array.from({ length: maxNeighbors }, () => node)
    const { bytes } = encodePacket({ type: 'neighbors', nodes, expiration: Number.MAX_SAFE_INTEGER }, { privateKey })
    expect(bytes.length).toBeLessThanOrEqual(maxPacketBytes)
    expect(() => encodePacket({ type: 'neighbors', nodes: [...nodes, node], expiration }, { privateKey })).toThrow(
      RangeError,
    )
  })

  it('are refused with a code', () => {
    const { bytes } = encodePacket(ping, { privateKey })
    expect(codeOf(() => decodePacket(new Uint8Array(0)))).toBe('PACKET_TOO_SMALL')
    expect(codeOf(() => decodePacket(bytes.subarray(0, 97)))).toBe('PACKET_TOO_SMALL')
    expect(codeOf(() => decodePacket(new Uint8Array(maxPacketBytes + 1)))).toBe('PACKET_TOO_LARGE')
    expect(codeOf(() => decodePacket(bytes.subarray(0, bytes.length - 1)))).toBe('PACKET_HASH')
    expect(codeOf(() => decodePacket(sealed(66, encodeList([]))))).toBe('PACKET_TYPE')
    expect(codeOf(() => decodePacket(sealed(0, encodeList([]))))).toBe('PACKET_TYPE')
    expect(codeOf(() => decodePacket(sealed(1, encodeList([]))))).toBe('PACKET_RLP')
    expect(codeOf(() => decodePacket(sealed(5, encodeUint(1))))).toBe('PACKET_RLP')
    const forged = bytes.slice()
    forged.fill(0xff, 32, 97)
    forged.set(pureCrypto.keccak256(forged.subarray(32)))
    expect(codeOf(() => decodePacket(forged))).toBe('PACKET_SIGNATURE')
  })

  it('of 1,280 bytes are read, the rest being what EIP-8 permits', () => {
    const { bytes } = encodePacket({ type: 'enrRequest', expiration }, { privateKey })
    const fields = new Uint8Array(maxPacketBytes - 98)
    fields.set(bytes.subarray(98))
    expect(decodePacket(sealed(5, fields)).packet).toEqual({ type: 'enrRequest', expiration })
  })

  it('are not written from values that no packet can have', () => {
    const encode = (packet: Packet) => () => encodePacket(packet, { privateKey })
    for (const ip of [
      '',
      '10.0.0',
      '010.0.0.1',
      '10.00.0.1',
      '1.256.0.1',
      '1.2.3.4.5',
      '.1.2.3',
      '1..2.3',
      '10.0.0.1 ',
    ]) {
      expect(encode({ ...ping, from: { ip, udpPort: 0, tcpPort: 0 } })).toThrow(TypeError)
    }
    expect(encode({ ...ping, from: { ip: '10.0.0.1', udpPort: 65536, tcpPort: 0 } })).toThrow(RangeError)
    expect(encode({ ...ping, expiration: -1 })).toThrow(RangeError)
    expect(encode({ ...ping, enrSeq: 1n << 64n })).toThrow(RangeError)
    expect(encode({ type: 'findnode', target: new Uint8Array(63), expiration })).toThrow(RangeError)
  })

  it('are expired when their time is over, or too far ahead to be one', () => {
    const at = (seconds: number): Packet => ({ type: 'enrRequest', expiration: seconds })
    const nowMs = 1_700_000_000_000
    expect(isExpired(at(1_700_000_000), nowMs)).toBe(false)
    expect(isExpired(at(1_700_000_000), nowMs + 1)).toBe(true)
    expect(isExpired(at(1_700_003_600), nowMs)).toBe(false)
    expect(isExpired(at(1_700_003_601), nowMs)).toBe(true)
    expect(isExpired(at(2 ** 64), nowMs)).toBe(true)
    expect(isExpired({ type: 'enrResponse', requestHash: new Uint8Array(32), record: new Uint8Array(1) }, 0)).toBe(
      false,
    )
  })

  it('with an expiration of 2^64 - 1 are read as one that is expired', () => {
    const endless = sealed(5, encodeList([encodeUint(2n ** 64n - 1n)]))
    expect(isExpired(decodePacket(endless).packet, 1_700_000_000_000)).toBe(true)
    expect(codeOf(() => decodePacket(sealed(5, encodeList([encodeUint(2n ** 64n)]))))).toBe('PACKET_RLP')
  })
})
