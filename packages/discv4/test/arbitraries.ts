import fc from 'fast-check'
import type { Packet } from '../src/packet.ts'

const port = fc.nat(65535)
const ip = fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::1', 'fe80::1:2'))
const endpoint = fc.record({ ip: fc.option(ip, { nil: undefined }), udpPort: port, tcpPort: port })
const expiration = fc.maxSafeNat()
export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const enrSeq = fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined })
const node = fc.record({ ip, udpPort: port, tcpPort: port, publicKey: bytesOf(64) })

/** Any packet that can be written. */
export const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    type: fc.constant('ping' as const),
    version: fc.nat(),
    from: endpoint,
    to: endpoint,
    expiration,
    enrSeq,
  }),
  fc.record({ type: fc.constant('pong' as const), to: endpoint, pingHash: bytesOf(32), expiration, enrSeq }),
  fc.record({ type: fc.constant('findnode' as const), target: bytesOf(64), expiration }),
  fc.record({ type: fc.constant('neighbors' as const), nodes: fc.array(node, { maxLength: 12 }), expiration }),
  fc.record({ type: fc.constant('enrRequest' as const), expiration }),
  fc.record({
    type: fc.constant('enrResponse' as const),
    requestHash: bytesOf(32),
    record: fc.uint8Array({ maxLength: 55 }).map((content) => Uint8Array.of(0xc0 + content.length, ...content)),
  }),
)
