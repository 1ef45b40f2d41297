import { describe, expect, it } from 'vitest'
import type { PacketNode } from '../src/packet.ts'
import { addressOf, createWorld, type Stranger } from './harness.ts'
import { standInCrypto } from './stand-in-crypto.ts'

/** A node as a Neighbors packet has it. */
function told(number: number, ip: string, udpPort = 30303): PacketNode {
  const { publicKey } = addressOf(number, { ip, port: udpPort }, standInCrypto)
  return { publicKey, ip, udpPort, tcpPort: 30303 }
}

/** Answers pings, and findnode requests with these packets. */
function answerWith(them: Stranger, packets: readonly (readonly PacketNode[])[]): void {
  them.answerPings()
  them.answer('findnode', ({ from }) => {
    for (const nodes of packets) them.send({ type: 'neighbors', nodes }, from)
  })
}

const target = new Uint8Array(64).fill(9)

describe('requests', () => {
  it('ping tells how long it took and where we were seen', async () => {
    const { clock, node } = createWorld({ latencyMs: 30 })
    const [a, b] = [await node(0, '32.0.0.1'), await node(1, '32.0.1.1')]
    const pong = await clock.runUntil(a.ping(b.localNode.enode))
    expect(pong).toEqual({ rttMs: 60, enrSeq: b.localNode.seq, seenAt: { ip: '32.0.0.1', udpPort: 30303 } })
  })

  it('ping fails after half a second, having tried twice', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    const silent = await stranger(1, '32.0.1.1')
    const before = clock.monotonicMs()
    await expect(clock.runUntil(a.ping(silent.address))).rejects.toMatchObject({ code: 'DISCV4_TIMEOUT' })
    expect(clock.monotonicMs() - before).toBe(500)
    expect(silent.got('ping')).toHaveLength(2)
  })

  it('two pings of one node at once are one packet', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    them.answerPings()
    await clock.runUntil(Promise.all([a.ping(them.address), a.ping(them.address)]))
    expect(them.got('ping')).toHaveLength(1)
  })

  it('a ping joins no other that is sent once, or that was sent again: it has half a second and two packets of its own', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    them.send({ type: 'ping' }, a.local)
    await clock.advance(100)
    expect(them.got('ping')).toHaveLength(1)
    // Our answer to their ping is one that is not repeated.
    const joined = [a.ping(them.address), a.ping(them.address)]
    await clock.advance(0)
    expect(them.got('ping')).toHaveLength(2)
    await clock.advance(300)
    expect(them.got('ping')).toHaveLength(3)
    const late = a.ping(them.address)
    const failures = Promise.allSettled([...joined, late])
    await clock.advance(450)
    expect(them.got('ping')).toHaveLength(5)
    them.answerPings()
    them.send({ type: 'pong', pingHash: them.got('ping').at(-1)?.hash ?? new Uint8Array(32) }, a.local)
    await clock.advance(0)
    expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })

  it('pings of a stranger cause one of ours at a time, whatever else is under way', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    const asked = a.ping(them.address).catch(() => undefined)
    for (let sent = 0; sent < 10; sent++) {
      them.send({ type: 'ping' }, a.local)
      await clock.advance(40)
    }
    expect(them.got('ping')).toHaveLength(2)
    await clock.runUntil(asked)
  })

  it('a node that is not reached by UDP is not asked', async () => {
    const { node } = createWorld()
    const a = await node(0, '32.0.0.1')
    const none = {
      ...addressOf(1, { ip: '32.0.1.1', port: 1 }),
      endpoints: [{ host: 'x.example', tcpPort: 1, udpPort: 1 }],
    }
    await expect(a.ping(none)).rejects.toMatchObject({ code: 'DISCV4_NO_ENDPOINT' })
    const named = { ...none, endpoints: [{ host: 'node1', tcpPort: 1, udpPort: 1 }] }
    await expect(a.ping(named)).rejects.toMatchObject({ code: 'DISCV4_NO_ENDPOINT' })
    await expect(a.requestEnr({ ...none, endpoints: [] })).rejects.toMatchObject({ code: 'DISCV4_NO_ENDPOINT' })
    const ipv6 = { ...none, endpoints: [{ host: '2a00::1', tcpPort: 1, udpPort: 1 }] }
    await expect(a.findNode(ipv6, target)).rejects.toMatchObject({ code: 'DISCV4_NO_ENDPOINT' })
    expect(() => a.findNode(none, new Uint8Array(32))).toThrow(RangeError)
  })

  it('requestEnr gives the record of now', async () => {
    const { clock, node } = createWorld()
    const [a, b] = [await node(0, '32.0.0.1'), await node(1, '32.0.1.1')]
    const record = await clock.runUntil(a.requestEnr(b.nodeAddress))
    expect(record.text).toBe(b.localNode.record.text)
    b.localNode.setStaticIp('32.0.1.2')
    const newer = await clock.runUntil(a.requestEnr(b.nodeAddress))
    expect(newer.seq).toBe(record.seq + 1n)
  })

  it('findNode gives sixteen nodes as soon as they are there', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    const nodes = Array.from({ length: 16 }, (_, n) => told(100 + n, `32.1.${n}.1`))
    answerWith(them, [nodes.slice(0, 12), nodes.slice(12)])
    // They ping us, so that our pong is not waited for when we ask.
    them.send({ type: 'ping' }, a.local)
    await clock.advance(0)
    const before = clock.monotonicMs()
    const found = await clock.runUntil(a.findNode(them.address, target))
    expect(found.map(({ host }) => host)).toEqual(nodes.map(({ ip }) => ip))
    expect(clock.monotonicMs()).toBe(before)
  })

  it.each([
    ['nothing', []],
    ['one empty answer', [[]]],
    ['one short answer', [[told(100, '32.1.0.1')]]],
    ['one full answer', [Array.from({ length: 12 }, (_, n) => told(100 + n, `32.1.${n}.1`))]],
    ['the same node for ever', Array.from({ length: 30 }, () => [told(100, '32.1.0.1')])],
  ])('case 10: %s and then silence ends the call within 1.5 s', async (_, packets) => {
    const { clock, node, stranger } = createWorld({ latencyMs: 20 })
    const a = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    answerWith(them, packets)
    const before = clock.monotonicMs()
    const asked = a.findNode(them.address, target)
    const outcome = await clock.runUntil(asked.catch((error: unknown) => error))
    expect(clock.monotonicMs() - before).toBeLessThanOrEqual(1500)
    const expected = new Set(packets.flat().map(({ ip }) => ip))
    if (packets.length === 0) expect(outcome).toMatchObject({ code: 'DISCV4_TIMEOUT' })
    else expect((outcome as { host: string }[]).map(({ host }) => host)).toEqual([...expected])
  })

  it.each([
    ['another node', (n: number) => [told(100 + n, `32.1.${n}.1`)]],
    ['the same node', () => [told(100, '32.1.0.1')]],
    ['no node', () => []],
  ])('case 10: one packet after another, each with %s, gets no more time than a single one', async (_, nodesOf) => {
    const { clock, node, stranger } = createWorld({ latencyMs: 20 })
    const a = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    await them.bond(a.local)
    them.answer('findnode', ({ from }) => {
      const dribble = (n: number): void => {
        them.send({ type: 'neighbors', nodes: nodesOf(n) }, from)
        if (n < 100) clock.setTimer(40, () => dribble(n + 1))
      }
      dribble(0)
    })
    const timers = clock.timers
    const before = clock.monotonicMs()
    const found = await clock.runUntil(a.findNode(them.address, target))
    // Its first packet is here after 40 ms, and what has come 150 ms later is all.
    expect(clock.monotonicMs() - before).toBe(190)
    expect(found).toHaveLength(new Set([0, 1, 2, 3].flatMap(nodesOf).map(({ ip }) => ip)).size)
    expect(clock.timers).toBeLessThanOrEqual(timers + 2)
  })

  it('case 10: an answer in the wrong order is complete', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    const nodes = Array.from({ length: 16 }, (_, n) => told(100 + n, `32.1.${n}.1`))
    answerWith(them, [nodes.slice(12), nodes.slice(0, 12)])
    expect(await clock.runUntil(a.findNode(them.address, target))).toHaveLength(16)
  })

  it('case 11: nodes that somebody may not tell of are never contacted, nor told to others', async () => {
    const { clock, network, node, stranger } = createWorld()
    const bad = [
      told(100, '127.0.0.1'),
      told(101, '192.168.0.1'),
      told(102, '224.0.0.1'),
      told(103, '0.0.0.0'),
      told(104, '203.0.113.1'),
      told(105, '32.1.5.1', 1024),
      told(106, '33.1.6.1'),
      told(107, '2a00::1'),
      { ...told(108, '32.1.8.1'), ip: undefined },
    ]
    const good = told(109, '32.1.9.1')
    const them = await stranger(1, '32.0.1.1')
    const a = await node(0, '32.0.0.1', {
      bootnodes: [them.address],
      netRestrict: { contains: (ip) => !`${ip}`.startsWith('33.') },
    })
    answerWith(them, [[...bad, good, told(0, '32.1.10.1')]])
    const found = await clock.runUntil(a.findNode(them.address, target))
    expect(found.map(({ host }) => host)).toEqual(['32.1.9.1'])
    await clock.advance(20_000)
    const contacted = ['127.0.0.1', '192.168.0.1', '224.0.0.1', '203.0.113.1', '32.1.5.1', '33.1.6.1', '32.1.10.1']
    for (const ip of contacted) expect(network.host(ip).traffic.receivedPackets).toBe(0)
    expect(network.counters.dropped.unreachable).toBeGreaterThan(0)
    const rules = bad.map(({ publicKey }) => a.explain(idOf(publicKey)).events[0]?.rule)
    expect(rules).toEqual([
      'loopback',
      'lan',
      'special',
      'unspecified',
      'special',
      'low-port',
      'net-restrict',
      'address-family',
      'invalid',
    ])
  })

  it('a node is given up when it was aborted, or when discovery closes', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    const silent = await stranger(1, '32.0.1.1')
    const abort = new AbortController()
    const aborted = a.ping(silent.address, { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const asked = Promise.allSettled([
      a.ping(silent.address),
      a.findNode(silent.address, target),
      a.requestEnr(silent.address),
    ])
    await clock.settle()
    await a.close()
    for (const outcome of await asked) expect(outcome).toMatchObject({ reason: { code: 'DISCV4_CLOSED' } })
    await expect(a.ping(silent.address)).rejects.toMatchObject({ code: 'DISCV4_CLOSED' })
    await expect(a.lookup(target)).rejects.toMatchObject({ code: 'DISCV4_CLOSED' })
    expect(clock.timers).toBe(0)
  })

  it('requests that nobody answers, and those that somebody does, are told to the drift check', async () => {
    const calls: string[] = []
    const { clock, node, stranger } = createWorld()
    const driftCheck = { timedOut: () => void calls.push('timed out'), answered: () => void calls.push('answered') }
    const a = await node(0, '32.0.0.1', { driftCheck })
    const b = await node(1, '32.0.1.1')
    const silent = await stranger(2, '32.0.2.1')
    await clock.runUntil(a.ping(silent.address).catch(() => undefined))
    await clock.runUntil(a.ping(b.nodeAddress))
    expect(calls).toEqual(['timed out', 'answered'])
  })

  it('signers may be found elsewhere', async () => {
    const { clock, node } = createWorld()
    let recovering = 0
    const recover = async (packet: Uint8Array): Promise<Uint8Array> => {
      recovering++
      await Promise.resolve()
      return standInCrypto.recover(packet, packet.subarray(32, 97))
    }
    const a = await node(0, '32.0.0.1', { recover })
    const b = await node(1, '32.0.1.1', { recover })
    await clock.runUntil(a.requestEnr(b.nodeAddress))
    expect(recovering).toBeGreaterThanOrEqual(4)
  })
})

function idOf(publicKey: Uint8Array): string {
  return Buffer.from(standInCrypto.keccak256(publicKey)).toString('hex')
}
