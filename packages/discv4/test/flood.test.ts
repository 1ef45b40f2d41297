import { describe, expect, it } from 'vitest'
import { encodePacket } from '../src/packet.ts'
import { createWorld, encodeDraft, keyOf } from './harness.ts'
import { standInCrypto } from './stand-in-crypto.ts'

/** Counts how often a signer is looked for. */
function countingCrypto(): { crypto: typeof standInCrypto; recovered: () => number } {
  let recovered = 0
  const crypto = {
    ...standInCrypto,
    recover: (hash: Uint8Array, signature: Uint8Array) => {
      recovered++
      return standInCrypto.recover(hash, signature)
    },
  }
  return { crypto, recovered: () => recovered }
}

/** An ENRRequest by somebody nobody knows. */
function junk(nowMs: number, number: number): Uint8Array {
  const there = { ip: '32.0.0.1', port: 30303 }
  const packet = encodeDraft({ type: 'enrRequest' }, there, there, nowMs)
  return encodePacket(packet, { privateKey: keyOf(number), crypto: standInCrypto }).bytes
}

describe('a flood', () => {
  it('case 4: of one address costs 100 recoveries, and 20 more a second; loopback is no exception', async () => {
    for (const ip of ['32.0.1.1', '127.0.0.1']) {
      const { crypto, recovered } = countingCrypto()
      const { clock, node, stranger } = createWorld({ maxWaiting: 100_000 })
      const ours = await node(0, ip === '127.0.0.1' ? '127.0.0.2' : '32.0.0.1', { crypto })
      const them = await stranger(1, ip)
      const bytes = junk(clock.now(), 5)
      for (let second = 0; second < 5; second++) {
        for (let sent = 0; sent < 2000; sent++) them.sendBytes(bytes, ours.local)
        await clock.advance(1000)
      }
      expect(recovered()).toBe(100 + 4 * 20)
      expect(ours.metrics.value('discover/drop/address-budget')).toBe(10_000 - 180)
    }
  })

  it('case 4: of one address leaves those who have proven theirs undisturbed, at the same address too', async () => {
    const { clock, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1')
    const honest = await stranger(1, '32.0.1.1')
    const flooder = await stranger(2, '32.0.1.1', 40404)
    await honest.bond(ours.local)
    const bytes = junk(clock.now(), 5)
    let answered = 0
    for (let second = 0; second < 10; second++) {
      for (let sent = 0; sent < 1000; sent++) flooder.sendBytes(bytes, ours.local)
      honest.forget()
      honest.send({ type: 'ping' }, ours.local)
      honest.send({ type: 'findnode' }, ours.local)
      await clock.advance(1000)
      answered += honest.got('pong').length + honest.got('neighbors').length
    }
    expect(answered).toBe(20)
  })

  it('case 4: of a proven endpoint costs ten times as many, not more', async () => {
    const { crypto, recovered } = countingCrypto()
    const { clock, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1', { crypto })
    const them = await stranger(1, '32.0.1.1')
    await them.bond(ours.local)
    them.onPacket = undefined
    const before = recovered()
    for (let sent = 0; sent < 5000; sent++) them.send({ type: 'findnode' }, ours.local)
    await clock.advance(1000)
    expect(recovered() - before).toBeGreaterThan(990)
    expect(recovered() - before).toBeLessThanOrEqual(1200)
  })

  it('case 4: from 5,000 forged addresses is bounded as a whole; who has proven its address is heard', async () => {
    const { crypto, recovered } = countingCrypto()
    const { clock, network, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1', { crypto })
    const honest = await stranger(1, '32.0.1.1')
    await honest.bond(ours.local)
    const bytes = junk(clock.now(), 5)
    const sockets = await Promise.all(
      Array.from({ length: 5000 }, (_, n) => network.bind({ ip: `33.${n >> 8}.${n & 255}.1`, port: 30303 })),
    )
    let answered = 0
    const before = recovered()
    for (let round = 0; round < 4; round++) {
      for (const socket of sockets) void socket.send(bytes, ours.local)
      honest.forget()
      honest.send({ type: 'ping' }, ours.local)
      await clock.advance(250)
      answered += honest.got('pong').length
    }
    expect(recovered() - before).toBeLessThan(2000 + 4)
    expect(answered).toBe(4)
    expect(ours.metrics.value('discover/drop/stranger-budget')).toBeGreaterThan(17_000)
  })

  it('case 4: of answers that nobody waits for costs no recovery', async () => {
    const { crypto, recovered } = countingCrypto()
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1', { crypto })
    const them = await stranger(1, '32.0.1.1')
    for (let sent = 0; sent < 50; sent++) {
      them.send({ type: 'pong', pingHash: new Uint8Array(32) }, ours.local)
      them.send({ type: 'neighbors', nodes: [] }, ours.local)
    }
    await clock.advance(0)
    expect(recovered()).toBe(0)
    expect(ours.metrics.value('discover/drop/unsolicited')).toBe(100)
  })

  it('case 4: from 5,000 addresses keeps nobody out who is new: it is answered, proves its endpoint and is told of nodes', async () => {
    const { clock, network, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1')
    const bytes = junk(clock.now(), 5)
    const sockets = await Promise.all(
      Array.from({ length: 5000 }, (_, n) => network.bind({ ip: `33.${n >> 8}.${n & 255}.1`, port: 30303 })),
    )
    const flood = async (): Promise<void> => {
      for (const socket of sockets) void socket.send(bytes, ours.local)
      await clock.advance(250)
    }
    for (let round = 0; round < 4; round++) await flood()
    const newcomers = await Promise.all(Array.from({ length: 8 }, (_, n) => stranger(n + 1, `32.0.${n + 1}.1`)))
    for (const newcomer of newcomers) {
      newcomer.answerPings()
      newcomer.send({ type: 'ping' }, ours.local)
      await flood()
      newcomer.send({ type: 'findnode' }, ours.local)
      await flood()
    }
    expect(newcomers.map((newcomer) => newcomer.got('pong').length)).toEqual(newcomers.map(() => 1))
    expect(newcomers.map((newcomer) => newcomer.got('neighbors').length)).toEqual(newcomers.map(() => 1))
  })

  it('case 4: does not keep out the answer to a ping of ours that somebody new has made us send', async () => {
    const { clock, network, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    them.send({ type: 'ping' }, ours.local)
    await clock.advance(0)
    const [ping] = them.got('ping')
    // All that strangers have is spent by others that are new.
    const bytes = junk(clock.now(), 5)
    for (let number = 0; number < 2000; number++) {
      const socket = await network.bind({ ip: `33.${number >> 8}.${number & 255}.1`, port: 30303 })
      void socket.send(bytes, ours.local)
    }
    await clock.advance(0)
    expect(ours.metrics.value('discover/drop/stranger-budget')).toBeGreaterThan(900)
    them.send({ type: 'pong', pingHash: ping?.hash ?? new Uint8Array() }, ours.local)
    them.send({ type: 'enrRequest' }, ours.local)
    await clock.advance(0)
    expect(them.got('enrResponse')).toHaveLength(1)
  })

  it('case 2: of pongs to an address that is pinged, with anything as the hash, costs no recovery', async () => {
    const { crypto, recovered } = countingCrypto()
    const { clock, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1', { crypto })
    const them = await stranger(1, '32.0.1.1')
    them.send({ type: 'ping' }, ours.local)
    await clock.advance(0)
    const before = recovered()
    for (let sent = 0; sent < 500; sent++)
      them.send({ type: 'pong', pingHash: new Uint8Array(32).fill(sent) }, ours.local)
    await clock.advance(0)
    expect(recovered()).toBe(before)
    expect(ours.metrics.value('discover/drop/unsolicited')).toBe(99)
    expect(ours.metrics.value('discover/drop/address-budget')).toBe(401)
  })

  it('in the name of a node that is asked keeps its pong away no more than its record: both name what was asked', async () => {
    const { clock, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    them.answerPings(1n)
    const pinged = ours.ping(them.address)
    // Signed by somebody else, which shows only when each has cost what is dear.
    for (let sent = 0; sent < 5000; sent++) them.sendBytes(junk(clock.now(), 5), ours.local)
    await clock.runUntil(pinged)
    expect((await pinged).enrSeq).toBe(1n)
    expect(ours.metrics.value('discover/drop/address-budget')).toBeGreaterThan(3000)
  })

  it('by a node that is asked, of answers that name the request and are signed by others, costs its budget and 8 more', async () => {
    const { crypto, recovered } = countingCrypto()
    const { clock, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const ours = await node(0, '32.0.0.1', { crypto })
    const them = await stranger(1, '32.0.1.1')
    them.onPacket = ({ packet, hash, from }) => {
      if (packet.type !== 'ping') return
      const pong = encodeDraft({ type: 'pong', pingHash: hash }, them.socket.local, from, clock.now())
      const { bytes } = encodePacket(pong, { privateKey: keyOf(5), crypto: standInCrypto })
      for (let sent = 0; sent < 5000; sent++) them.sendBytes(bytes, from)
    }
    const pinged = ours.ping(them.address).catch(() => undefined)
    await clock.runUntil(pinged)
    // 1,000 at once of an address that is asked, and what comes back until the second ping is answered.
    expect(recovered()).toBeGreaterThanOrEqual(1008)
    expect(recovered()).toBeLessThan(1208)
  })

  it('of pings asks each node for one proof at a time', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    for (let sent = 0; sent < 50; sent++)
      them.send({ type: 'ping', expiration: Math.ceil(clock.now() / 1000) + sent }, ours.local)
    await clock.advance(0)
    expect(them.got('pong')).toHaveLength(50)
    expect(them.got('ping')).toHaveLength(1)
  })
})
