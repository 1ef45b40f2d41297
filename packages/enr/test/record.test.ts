import { CryptoError } from '@ethwire/crypto'
import { encodeBytes, struct, u64 } from '@ethwire/rlp-codec'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import * as enr from '../src/index.ts'
import {
  decodeRecord,
  defineEntry,
  EnrError,
  type EnrErrorCode,
  idEntry,
  ip6Entry,
  ipEntry,
  parseRecord,
  secp256k1Entry,
  signRecord,
  tcpEntry,
  udpEntry,
} from '../src/index.ts'
import { forge, privateKey, publicKey, type RawPair, sorted } from './forge.ts'
import { eip778, gethRecord } from './vectors/eip-778.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

function codeOf(act: () => unknown): EnrErrorCode | 'accepted' {
  try {
    act()
  } catch (error) {
    if (error instanceof EnrError) return error.code
    throw error
  }
  return 'accepted'
}
const reject = (record: Uint8Array): EnrErrorCode | 'accepted' => codeOf(() => decodeRecord(record))

describe('exports', () => {
  it('are these', () => {
    expect(Object.keys(enr).sort()).toMatchInlineSnapshot(`
      [
        "EnrError",
        "createLocalNode",
        "decodeRecord",
        "defineEntry",
        "formatEnode",
        "formatNodeId",
        "idEntry",
        "ip6Entry",
        "ipEntry",
        "maxRecordBytes",
        "nodeFromEnode",
        "nodeFromRecord",
        "nodeIdFromPublicKey",
        "parseEnode",
        "parseNode",
        "parseNodeId",
        "parseRecord",
        "secp256k1Entry",
        "signRecord",
        "tcp6Entry",
        "tcpEntry",
        "udp6Entry",
        "udpEntry",
      ]
    `)
  })
})

describe('EIP-778', () => {
  it('reads the record of the specification', () => {
    const record = parseRecord(eip778.text)
    expect(record.seq).toBe(eip778.seq)
    expect(record.nodeIdHex).toBe(eip778.nodeId)
    expect(bytesToHex(record.nodeId)).toBe(eip778.nodeId)
    expect(record.publicKey).toEqual(publicKey)
    expect(record.get(idEntry)).toBe('v4')
    expect(record.get(ipEntry)).toBe(eip778.ip)
    expect(record.get(udpEntry)).toBe(eip778.udp)
    expect(bytesToHex(record.get(secp256k1Entry) as Uint8Array)).toBe(eip778.secp256k1)
    expect(bytesToHex(record.bytes)).toContain(eip778.signature)
    expect(record.get(tcpEntry)).toBeUndefined()
    expect(record.text).toBe(eip778.text)
    expect([...record.entries.keys()]).toEqual(['id', 'ip', 'secp256k1', 'udp'])
  })

  it('signs to the very bytes that geth signs', () => {
    const { ip, udp, seq } = gethRecord
    const record = signRecord({
      seq,
      entries: [udpEntry.of(udp), ipEntry.of(ip)],
      privateKey: hexToBytes(gethRecord.privateKey),
    })
    expect(record.text).toBe(gethRecord.text)
    expect(parseRecord(record.text)).toMatchObject({ seq, nodeIdHex: record.nodeIdHex })
  })
})

describe('records', () => {
  it('keep keys that nobody knows, and hand them to whoever defines them', () => {
    const ethEntry = defineEntry('eth', struct({ next: u64 }))
    const record = decodeRecord(
      signRecord({ seq: 5n, entries: [ethEntry.of({ next: 7n }), { key: 'zz', value: bytes(0xc0) }], privateKey })
        .bytes,
    )
    expect(record.get(ethEntry)).toEqual({ next: 7n })
    expect(record.entries.get('zz')).toEqual(bytes(0xc0))
    expect(record.get(defineEntry('zz', u64))).toBeUndefined()
  })

  it('do not change when what they were read from, or what was read from them, does', () => {
    const source = parseRecord(eip778.text).bytes.slice()
    const record = decodeRecord(source)
    source.fill(0)
    record.get(secp256k1Entry)?.fill(0)
    expect(decodeRecord(record.bytes).text).toBe(eip778.text)
    expect(bytesToHex(record.get(secp256k1Entry) as Uint8Array)).toBe(eip778.secp256k1)
  })

  it('show an IPv4 address in the place of IPv6 as what it is', () => {
    const mapped = bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1)
    expect(decodeRecord(forge(sorted([['ip6', mapped]]))).get(ip6Entry)).toBe('10.0.0.1')
  })

  it('take a port of 0 as none', () => {
    expect(decodeRecord(forge(sorted([['tcp', bytes()]]))).get(tcpEntry)).toBe(0)
  })

  it('are refused as text that is not enr: and unpadded base64url, before it is decoded when too long', () => {
    expect(codeOf(() => parseRecord('enr:'))).toBe('ENR_RLP')
    expect(codeOf(() => parseRecord('enr:x'))).toBe('ENR_TEXT')
    expect(codeOf(() => parseRecord(`${eip778.text}=`))).toBe('ENR_TEXT')
    expect(codeOf(() => parseRecord(eip778.text.replace('_', '/')))).toBe('ENR_TEXT')
    expect(codeOf(() => parseRecord(eip778.text.slice(4)))).toBe('ENR_TEXT')
    expect(codeOf(() => parseRecord(`enr:${'A'.repeat(1e6)}`))).toBe('ENR_TOO_LARGE')
  })

  it('are not signed when they would be too large, twice the same key, or by no key', () => {
    const sign = (length: number) =>
      signRecord({ seq: 1n, entries: [{ key: 'x', value: encodeBytes(new Uint8Array(length)) }], privateKey })
    const fits = 300 - sign(150).bytes.length + 150
    expect(sign(fits).bytes).toHaveLength(300)
    expect(decodeRecord(sign(fits).bytes).seq).toBe(1n)
    expect(codeOf(() => sign(fits + 1))).toBe('ENR_TOO_LARGE')
    const twice = [udpEntry.of(30303), udpEntry.of(30304)]
    expect(() => signRecord({ seq: 1n, entries: twice, privateKey })).toThrow(TypeError)
    expect(() => signRecord({ seq: 1n, entries: [idEntry.of('v5')], privateKey })).toThrow(TypeError)
    expect(() => signRecord({ seq: 1n << 64n, entries: [], privateKey })).toThrow(RangeError)
    expect(() => signRecord({ seq: 1n, entries: [], privateKey: new Uint8Array(32) })).toThrow(CryptoError)
  })

  it('define no entry under a key that no record may have', () => {
    for (const key of ['', '__proto__', 'a b', 'é', '\n']) expect(() => defineEntry(key, u64)).toThrow(TypeError)
    expect(() => ipEntry.of('::1')).toThrow(TypeError)
    expect(() => ip6Entry.of('10.0.0.1')).toThrow(TypeError)
    expect(() => tcpEntry.of(80)).toThrow(RangeError)
    expect(() => tcpEntry.of(65536)).toThrow(RangeError)
  })
})

describe('case 9: rightly signed but malformed records', () => {
  const malformed: readonly (readonly [name: string, pairs: readonly RawPair[], code: EnrErrorCode])[] = [
    ['a port of one byte', [['udp', bytes(0x50)]], 'ENR_VALUE'],
    ['a port of one byte over 127', [['tcp', bytes(0xff)]], 'ENR_VALUE'],
    ['a port of three bytes', [['udp', bytes(1, 0x76, 0x5f)]], 'ENR_VALUE'],
    ['a port with a leading zero', [['tcp', bytes(0, 0x50)]], 'ENR_VALUE'],
    ['a tcp6 port of one byte', [['tcp6', bytes(1)]], 'ENR_VALUE'],
    ['a udp6 port of three bytes', [['udp6', bytes(1, 2, 3)]], 'ENR_VALUE'],
    ['a port that is a list', [['udp', [bytes(0xc0)]]], 'ENR_VALUE'],
    ['an IP address of three bytes', [['ip', bytes(127, 0, 1)]], 'ENR_VALUE'],
    ['an IPv6 address in the place of IPv4', [['ip', new Uint8Array(16)]], 'ENR_VALUE'],
    ['an IPv4 address in the place of IPv6', [['ip6', bytes(127, 0, 0, 1)]], 'ENR_VALUE'],
    ['an empty IP address', [['ip', bytes()]], 'ENR_VALUE'],
    ['a key __proto__', [['__proto__', bytes(1)]], 'ENR_KEY_FORBIDDEN'],
    [
      'a key twice',
      [
        ['udp', bytes(0x76, 0x5f)],
        ['udp', bytes(0x76, 0x5f)],
      ],
      'ENR_KEY_TWICE',
    ],
  ]
  it.each(malformed)('case 9: %s is rejected', (_, pairs, code) => {
    expect(reject(forge(sorted(pairs)))).toBe(code)
  })

  it('case 9: keys out of order are rejected', () => {
    expect(reject(forge([...sorted([]), ['ip', bytes(127, 0, 0, 1)]]))).toBe('ENR_KEY_ORDER')
  })

  it('case 9: 301 bytes are rejected', () => {
    const at = (length: number): Uint8Array => forge(sorted([['x', new Uint8Array(length)]]))
    const fits = 300 - at(150).length + 150
    expect(at(fits)).toHaveLength(300)
    expect(reject(at(fits))).toBe('accepted')
    expect(reject(at(fits + 1))).toBe('ENR_TOO_LARGE')
  })

  it('case 9: a record without a UDP port is rejected where discovery asks for one', () => {
    const none = forge(sorted([['ip', bytes(127, 0, 0, 1)]]))
    expect(codeOf(() => decodeRecord(none, { requireUdp: true }))).toBe('ENR_NO_UDP')
    expect(codeOf(() => decodeRecord(forge(sorted([['udp', bytes()]])), { requireUdp: true }))).toBe('ENR_NO_UDP')
    expect(reject(none)).toBe('accepted')
    expect(decodeRecord(forge(sorted([['udp6', bytes(1, 0)]])), { requireUdp: true }).seq).toBe(1n)
  })

  it('case 9: no key of a record reaches an object', () => {
    const record = decodeRecord(
      forge(
        sorted([
          ['constructor', bytes(1)],
          ['toString', bytes(2)],
        ]),
      ),
    )
    expect(record.entries.get('constructor')).toEqual(bytes(1))
    expect(record.get(defineEntry('hasOwnProperty', u64))).toBeUndefined()
  })

  it.each([
    ['no identity scheme', () => forge(sorted([]).slice(1)), 'ENR_SCHEME'],
    ['another identity scheme', () => forge([['id', bytes(0x76, 0x35)], ...sorted([]).slice(1)]), 'ENR_SCHEME'],
    ['no public key', () => forge(sorted([]).slice(0, 1)), 'ENR_PUBLIC_KEY'],
    [
      'a public key off the curve',
      () => forge([...sorted([]).slice(0, 1), ['secp256k1', bytes(2, ...new Array<number>(32).fill(255))]]),
      'ENR_PUBLIC_KEY',
    ],
    [
      'a public key of 65 bytes',
      () => forge([...sorted([]).slice(0, 1), ['secp256k1', bytes(4, ...publicKey)]]),
      'ENR_VALUE',
    ],
    ['a key without a value', () => forge(sorted([]), { extra: bytes(0x7a) }), 'ENR_INCOMPLETE'],
    ['a key that is a list', () => forge(sorted([]), { extra: bytes(0xc0) }), 'ENR_INCOMPLETE'],
    ['nothing but a signature', () => bytes(0xc1, 0x80), 'ENR_INCOMPLETE'],
    ['an empty list', () => bytes(0xc0), 'ENR_INCOMPLETE'],
    ['no list', () => bytes(0x80), 'ENR_RLP'],
    ['no bytes', () => bytes(), 'ENR_RLP'],
    [
      'a sequence number of nine bytes',
      () => forge(sorted([]), { seq: encodeBytes(new Uint8Array(9).fill(1)) }),
      'ENR_RLP',
    ],
    ['a sequence number with a leading zero', () => forge(sorted([]), { seq: encodeBytes(bytes(0, 1)) }), 'ENR_RLP'],
    [
      'a signature by nobody',
      () => forge(sorted([]), { signature: (signature) => signature.map((byte) => byte ^ 1) }),
      'ENR_SIGNATURE',
    ],
    [
      'a signature with its recovery id',
      () => forge(sorted([]), { signature: (signature) => bytes(...signature, 0) }),
      'ENR_SIGNATURE',
    ],
    ['no signature', () => forge(sorted([]), { signature: () => bytes() }), 'ENR_SIGNATURE'],
    ['bytes after the end', () => bytes(...forge(sorted([])), 0), 'ENR_RLP'],
  ] as const)('case 9: %s is rejected', (_, record, code) => {
    expect(reject(record())).toBe(code)
  })

  it('case 9: a signature with a high s is rejected', () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const high = (signature: Uint8Array): Uint8Array => {
      const s = order - BigInt(`0x${bytesToHex(signature.subarray(32))}`)
      return bytes(...signature.subarray(0, 32), ...hexToBytes(s.toString(16).padStart(64, '0')))
    }
    expect(reject(forge(sorted([]), { signature: high }))).toBe('ENR_SIGNATURE')
  })
})
