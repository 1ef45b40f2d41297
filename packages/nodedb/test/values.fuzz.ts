import { pureCrypto } from '@ethwire/crypto'
import { EnrError, type NodeAddress } from '@ethwire/enr'
import { RlpError } from '@ethwire/rlp-codec'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ContactsValue, decodeContacts, encodeContacts } from '../src/contacts-value.ts'
import { decodeNode, encodeNode } from '../src/node-value.ts'
import { enodeNode, recordNode } from './nodes.ts'

const time = fc.maxSafeNat()
const count = fc.integer({ min: 0, max: 0xffff_ffff })
const contact = fc.record({
  ip: fc.oneof(
    fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.')),
    fc.integer({ min: 1, max: 0xffff }).map((group) => `2001:db8::${group.toString(16)}:1`),
  ),
  ...{ lastPongMs: time, lastPingMs: time, findFailures: count, findFailuresV5: count },
})
const contacts: fc.Arbitrary<ContactsValue> = fc.record({
  seq: fc.bigInt(0n, 2n ** 64n - 1n),
  contacts: fc.uniqueArray(contact, { maxLength: 4, selector: ({ ip }) => ip }),
})
const port = fc.nat(0xffff)
const nodes: readonly NodeAddress[] = [
  recordNode(1),
  enodeNode(2),
  enodeNode(3, '2001:db8::1'),
  enodeNode(4, 'node.example.org'),
]
const node: fc.Arbitrary<NodeAddress> = fc
  .tuple(fc.constantFrom(...nodes), port, port)
  .map(([one, tcpPort, udpPort]) => {
    const endpoint = { host: one.host as string, tcpPort, udpPort }
    return { ...one, ...endpoint, endpoints: [endpoint] }
  })

/** Anything but an error that says why. */
function refuses(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RlpError || error instanceof EnrError || error instanceof RangeError)) throw error
  }
}

/** One byte of a right value changed, bytes lost or added: closer to what damage does than noise is. */
const damage = fc.record({
  at: fc.nat(),
  by: fc.integer({ min: 1, max: 255 }),
  cut: fc.nat(8),
  more: fc.uint8Array({ maxLength: 4 }),
})
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

function damaged(value: Uint8Array, { at, by, cut, more }: Damage): Uint8Array {
  const changed = Uint8Array.of(...value.subarray(0, value.length - cut), ...more)
  if (changed.length > 0) changed[at % changed.length] = (changed[at % changed.length] as number) ^ by
  return changed
}

describe('contacts', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(contacts, (value) => {
        expect(decodeContacts(encodeContacts(value))).toEqual(value)
      }),
    )
  })

  test('are read from damaged bytes in the same form, or refused', () => {
    fc.assert(
      fc.property(contacts, damage, (value, how) => {
        const bytes = damaged(encodeContacts(value), how)
        refuses(() => expect(encodeContacts(decodeContacts(bytes))).toEqual(bytes))
      }),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => refuses(() => decodeContacts(bytes))))
  })
})

describe('a node', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(node, (value) => {
        const read = decodeNode(value.nodeIdHex, encodeNode(value), pureCrypto)
        const { host, tcpPort, udpPort, nodeIdHex } = value
        expect(read).toMatchObject({ host, tcpPort, udpPort, nodeIdHex, publicKey: value.publicKey })
        expect(read.record?.text).toBe(value.record?.text)
      }),
    )
  })

  test('is the node with that ID, or refused', () => {
    fc.assert(
      fc.property(node, damage, (value, how) => {
        const bytes = damaged(encodeNode(value), how)
        refuses(() => expect(decodeNode(value.nodeIdHex, bytes, pureCrypto).nodeIdHex).toBe(value.nodeIdHex))
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => refuses(() => decodeNode('00', bytes, pureCrypto))),
    )
  })
})
