import { pureCrypto } from '@ethwire/crypto'
import type { SocketEndpoint } from '@ethwire/io'
import { encodeList, encodeUint } from '@ethwire/rlp-codec'
import { describe, expect, it } from 'vitest'
import { createWorld, type Stranger, type TestNode, type World } from './harness.ts'
import { standInCrypto } from './stand-in-crypto.ts'

async function pair(): Promise<{ world: World; ours: TestNode; them: Stranger }> {
  const world = createWorld()
  return { world, ours: await world.node(0, '32.0.0.1'), them: await world.stranger(1, '32.0.1.1') }
}

/** Sends an ENRRequest with any bytes as its expiration. */
function sendExpiring(them: Stranger, expiration: Uint8Array, to: SocketEndpoint): void {
  const fields = encodeList([expiration])
  const bytes = new Uint8Array(98 + fields.length)
  bytes.set(them.publicKey, 32)
  bytes[97] = 5
  bytes.set(fields, 98)
  bytes.set(standInCrypto.keccak256(bytes.subarray(32)))
  them.sendBytes(bytes, to)
}

/** Answers pings, by pongs that tell of a record, and requests for it. */
function answerWithRecord(them: Stranger, record: Uint8Array): void {
  them.answerPings(7n)
  them.answer('enrRequest', ({ hash, from }) => them.send({ type: 'enrResponse', requestHash: hash, record }, from))
}

describe('packets of strangers', () => {
  it('case 3: are dropped when their time is over, far ahead, negative or 2^64 - 1', async () => {
    const { world, ours, them } = await pair()
    await them.bond(ours.local)
    them.forget()
    const now = Math.floor(world.clock.now() / 1000)
    const expirations = [
      0n,
      1n,
      BigInt(now - 1),
      BigInt(now + 86_400),
      2n ** 63n,
      2n ** 64n - BigInt(now),
      2n ** 64n - 1n,
    ]
    for (const expiration of expirations) sendExpiring(them, encodeUint(expiration), ours.local)
    them.send({ type: 'findnode', expiration: now - 1 }, ours.local)
    await world.clock.advance(1000)
    expect(them.received.filter(({ packet }) => packet.type !== 'ping')).toEqual([])
    expect(ours.metrics.value('discover/drop/expired')).toBe(expirations.length + 1)
    sendExpiring(them, encodeUint(now + 21), ours.local)
    await world.clock.advance(0)
    expect(them.got('enrResponse')).toHaveLength(1)
  })

  it('case 3: do not count as pings when they are expired', async () => {
    const { world, ours, them } = await pair()
    them.send({ type: 'ping', expiration: 2 ** 52 }, ours.local)
    await world.clock.advance(1000)
    expect(them.received).toEqual([])
  })

  it('case 8: are dropped when they are none; the next ping is answered', async () => {
    const { world, ours, them } = await pair()
    const long = new Uint8Array(1281).fill(1)
    const garbage = [new Uint8Array(0), Uint8Array.of(0xc1, 0xc0), new Uint8Array(97), long, long.subarray(0, 1280)]
    for (const packet of garbage) them.sendBytes(packet, ours.local)
    const truncated = new Uint8Array(98)
    truncated[97] = 1
    truncated.set(standInCrypto.keccak256(truncated.subarray(32)))
    them.sendBytes(truncated, ours.local)
    await world.clock.advance(0)
    expect(them.received).toEqual([])
    them.send({ type: 'ping' }, ours.local)
    await world.clock.advance(1000)
    expect(them.got('pong')).toHaveLength(1)
    const drops = [...ours.metrics.values].filter(([name]) => name.startsWith('discover/drop/'))
    expect(Object.fromEntries(drops)).toEqual({
      'discover/drop/packet-too-small': 3,
      'discover/drop/packet-too-large': 1,
      'discover/drop/packet-hash': 1,
      'discover/drop/packet-rlp': 1,
    })
  })

  it('case 8: ten thousand of random bytes do not spend the budget of whoever pings afterwards', async () => {
    const { world, ours, them } = await pair()
    for (let sent = 0; sent < 10_000; sent++) {
      const bytes = new Uint8Array(120).fill(sent)
      bytes[97] = sent % 8
      them.sendBytes(bytes, ours.local)
      if (sent % 100 === 0) await world.clock.settle()
    }
    them.send({ type: 'ping' }, ours.local)
    await world.clock.advance(0)
    expect(them.got('pong')).toHaveLength(1)
  })

  it('whose signature is of no key are dropped', async () => {
    const world = createWorld({ crypto: pureCrypto })
    const ours = await world.node(0, '32.0.0.1')
    const them = await world.stranger(1, '32.0.1.1')
    const forged = new Uint8Array(110)
    forged.fill(0xff, 32, 97)
    forged[97] = 5
    forged.set(encodeList([encodeUint(Math.ceil(world.clock.now() / 1000) + 20)]), 98)
    forged.set(pureCrypto.keccak256(forged.subarray(32)))
    them.sendBytes(forged, ours.local)
    await world.clock.advance(0)
    expect(ours.metrics.value('discover/drop/packet-signature')).toBe(1)
    them.send({ type: 'ping' }, ours.local)
    await world.clock.advance(0)
    expect(them.got('pong')).toHaveLength(1)
  })

  it('that bear our own signature are dropped', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const mirror = await stranger(0, '32.0.1.1')
    mirror.send({ type: 'ping' }, ours.local)
    await clock.advance(1000)
    expect(mirror.received).toEqual([])
    expect(ours.metrics.value('discover/drop/self')).toBe(1)
  })

  it('from outside of the allowed addresses are not answered', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1', { netRestrict: { contains: (ip) => `${ip}`.startsWith('32.0.') } })
    const outside = await stranger(1, '33.0.1.1')
    outside.send({ type: 'ping' }, ours.local)
    await clock.advance(1000)
    expect(outside.received).toEqual([])
    expect(ours.metrics.value('discover/drop/net-restrict')).toBe(1)
    await expect(ours.ping(outside.address)).rejects.toMatchObject({ code: 'DISCV4_REFUSED' })
  })

  it('of another protocol are handed over, but not those that cost too much', async () => {
    const handed: number[] = []
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1', {
      unhandled: ({ bytes }) => {
        handed.push(bytes.length)
        if (bytes.length === 200) throw new Error('what takes it has failed')
      },
    })
    const them = await stranger(1, '32.0.1.1')
    them.sendBytes(new Uint8Array(63), ours.local)
    them.sendBytes(new Uint8Array(200), ours.local)
    them.sendBytes(new Uint8Array(1281), ours.local)
    them.send({ type: 'findnode', expiration: 1 }, ours.local)
    them.send({ type: 'findnode' }, ours.local)
    await clock.advance(0)
    expect(handed).toEqual([63, 200])
    for (let sent = 0; sent < 200; sent++) them.send({ type: 'findnode' }, ours.local)
    // That it cannot be one of ours is seen at once; what would have to be hashed first is not looked at any more.
    them.sendBytes(new Uint8Array(63), ours.local)
    them.sendBytes(new Uint8Array(200).fill(1), ours.local)
    await clock.advance(0)
    expect(handed).toEqual([63, 200, 63])
    expect(ours.metrics.value('discover/drop/address-budget')).toBe(102)
  })
})

describe('records of strangers', () => {
  const record = (fields: readonly (readonly [string, Uint8Array])[], them: Stranger, isSorted = false): Uint8Array => {
    const text = (value: string): Uint8Array => Uint8Array.of(0x80 + value.length, ...Buffer.from(value))
    const compressed = standInCrypto.compressPublicKey(them.publicKey)
    const pairs = fields.flatMap(([key, value]) => [
      key.length === 1 ? Uint8Array.from(Buffer.from(key)) : text(key),
      value,
    ])
    const key = [text('secp256k1'), Uint8Array.of(0x80 + 33, ...compressed)]
    const signature = Uint8Array.of(0xb8, 64, ...them.publicKey)
    // Those that begin with "ip" stand between the two that each record has.
    const before = isSorted ? 2 * fields.filter(([name]) => name.startsWith('ip')).length : 0
    const identity = [text('id'), text('v4'), ...pairs.slice(0, before), ...key]
    return encodeList([signature, encodeUint(7), ...identity, ...pairs.slice(before)])
  }
  const bad: readonly [string, readonly (readonly [string, Uint8Array])[]][] = [
    ['a port of one byte', [['udp', Uint8Array.of(7)]]],
    ['a port of three bytes', [['udp', Uint8Array.of(0x83, 1, 2, 3)]]],
    ['301 bytes', [['x', Uint8Array.of(0xb8, 200, ...new Uint8Array(200))]]],
    [
      'a key twice',
      [
        ['udp', encodeUint(30303)],
        ['udp', encodeUint(30303)],
      ],
    ],
    [
      'unsorted keys',
      [
        ['udp', encodeUint(30303)],
        ['tcp', encodeUint(30303)],
      ],
    ],
    ['a key __proto__', [['__proto__', encodeUint(1)]]],
  ]

  it.each(bad)('case 9: are no records with %s; the node stays what it was', async (what, fields) => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    answerWithRecord(them, record(fields, them))
    const asked = ours.requestEnr(them.address)
    // What is too long is no answer at all.
    const code = what === '301 bytes' ? 'DISCV4_TIMEOUT' : 'DISCV4_RECORD'
    await expect(clock.runUntil(asked)).rejects.toMatchObject({ code })
    them.send({ type: 'ping' }, ours.local)
    await clock.advance(10_000)
    const entry = ours.explain(them.address.nodeIdHex).node?.entry
    expect(entry?.host).toBe('32.0.1.1')
    expect(entry?.record).toBeUndefined()
  })

  it('case 9: without an address or a UDP port are kept with the address that answered', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    answerWithRecord(them, record([], them))
    const found = await clock.runUntil(ours.resolve(them.address))
    expect(found).toMatchObject({ host: '32.0.1.1', udpPort: 30303, record: { seq: 7n } })
    expect(found?.enr).toBe(found?.record?.text)
  })

  const ip6 = Uint8Array.of(0x80 + 16, ...new Uint8Array(15), 1)
  const ip4 = (last: number): Uint8Array => Uint8Array.of(0x84, 32, 0, last, 1)

  it.each([
    [
      'a port of another service',
      [
        ['ip', ip4(2)],
        ['udp', encodeUint(389)],
      ],
    ],
    [
      'this machine, besides',
      [
        ['ip', ip4(1)],
        ['ip6', ip6],
        ['tcp', encodeUint(30303)],
        ['tcp6', encodeUint(8545)],
        ['udp', encodeUint(30303)],
      ],
    ],
  ] as const)('case 11: that lead to %s are followed to where the node is, and no further', async (_, fields) => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    answerWithRecord(them, record(fields, them, true))
    const found = await clock.runUntil(ours.resolve(them.address))
    expect(found).toMatchObject({ host: '32.0.1.1', udpPort: 30303, record: { seq: 7n } })
    expect(found?.endpoints.map(({ host }) => host)).toEqual(['32.0.1.1'])
  })

  it('of another node are refused', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const other = await node(2, '32.0.2.1')
    const them = await stranger(1, '32.0.1.1')
    answerWithRecord(them, other.localNode.record.bytes)
    await expect(clock.runUntil(ours.requestEnr(them.address))).rejects.toMatchObject({ code: 'DISCV4_RECORD' })
  })
})
