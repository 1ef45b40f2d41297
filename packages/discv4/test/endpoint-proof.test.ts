import { describe, expect, it } from 'vitest'
import { createWorld } from './harness.ts'

const victim = { ip: '32.0.9.9', port: 30303 }

describe('an endpoint proof', () => {
  it('is asked of whoever pings: a pong, and a ping that has to be answered', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    const hash = them.send({ type: 'ping' }, ours.local)
    await clock.advance(0)
    expect(them.received.map(({ packet }) => packet.type)).toEqual(['pong', 'ping'])
    const [pong] = them.got('pong')
    expect(pong?.packet).toMatchObject({ pingHash: hash, to: { ip: '32.0.1.1', udpPort: 30303 } })
    expect(pong?.publicKey).toEqual(ours.localNode.publicKey)
  })

  it('lets a node ask, for 24 hours', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    await them.bond(ours.local)
    const ask = async (): Promise<string[]> => {
      them.forget()
      them.onPacket = undefined
      them.send({ type: 'findnode' }, ours.local)
      them.send({ type: 'enrRequest' }, ours.local)
      await clock.advance(0)
      return them.received.map(({ packet }) => packet.type)
    }
    expect(await ask()).toEqual(['neighbors', 'enrResponse'])
    await clock.advance(24 * 60 * 60 * 1000)
    expect(await ask()).toEqual([])
    expect(ours.metrics.value('discover/drop/unproven')).toBe(2)
  })

  it('case 1: whoever has none gets nothing, not even a ping', async () => {
    const { clock, network, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const liar = await stranger(1, '32.0.1.1')
    const seen = await stranger(2, victim.ip)
    liar.send({ type: 'findnode' }, ours.local)
    liar.send({ type: 'enrRequest' }, ours.local)
    await clock.advance(1000)
    expect(liar.received).toEqual([])
    expect(seen.received).toEqual([])
    expect(network.host('32.0.0.1').traffic.sentBytes).toBe(0)
    expect(ours.metrics.value('discover/drop/unproven')).toBe(2)
  })

  it('case 1: pings of a forged sender bring their victim two packets for the first, and little more than one for each of many', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    // What somebody else sends in its name; it answers nothing.
    const named = await stranger(1, victim.ip)
    named.send({ type: 'ping' }, ours.local)
    await clock.advance(0)
    expect(named.receivedBytes / named.sentBytes).toBeLessThan(2.3)
    for (let sent = 0; sent < 200; sent++) {
      named.send({ type: 'ping' }, ours.local)
      await clock.advance(50)
    }
    expect(named.receivedBytes / named.sentBytes).toBeLessThan(1.4)
  })

  it('case 1: one from another address is none', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    const elsewhere = await stranger(1, '32.0.2.1')
    await them.bond(ours.local)
    elsewhere.send({ type: 'findnode' }, ours.local)
    elsewhere.send({ type: 'enrRequest' }, ours.local)
    await clock.advance(1000)
    expect(elsewhere.received).toEqual([])
    // The proof that there is stays what it was, also when somebody repeats the node's packets from elsewhere.
    elsewhere.send({ type: 'ping' }, ours.local)
    await clock.advance(1000)
    them.forget()
    them.send({ type: 'findnode' }, ours.local)
    await clock.advance(0)
    expect(them.got('neighbors')).toHaveLength(1)
  })

  it('case 2: a pong with the wrong token proves nothing', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    them.onPacket = ({ packet, from }) => {
      if (packet.type === 'ping') them.send({ type: 'pong', pingHash: new Uint8Array(32) }, from)
    }
    them.send({ type: 'ping' }, ours.local)
    await clock.advance(1000)
    them.send({ type: 'findnode' }, ours.local)
    await clock.advance(1000)
    expect(them.got('neighbors')).toEqual([])
    expect(ours.metrics.value('discover/drop/unsolicited')).toBe(1)
    expect(ours.explain(them.address.nodeIdHex).events).toMatchObject([{ event: 'refused', rule: 'no-pong' }])
  })

  it('case 2: a pong from the wrong address proves nothing', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    const elsewhere = await stranger(1, '32.0.2.1')
    them.onPacket = ({ packet, hash, from }) => {
      if (packet.type === 'ping') elsewhere.send({ type: 'pong', pingHash: hash }, from)
    }
    them.send({ type: 'ping' }, ours.local)
    await clock.advance(1000)
    for (const who of [them, elsewhere]) {
      who.send({ type: 'findnode' }, ours.local)
      await clock.advance(1000)
      expect(who.got('neighbors')).toEqual([])
    }
  })

  it('case 2: a pong that comes too late, or for the second time, proves nothing', async () => {
    const { clock, node, stranger } = createWorld()
    const ours = await node(0, '32.0.0.1')
    const them = await stranger(1, '32.0.1.1')
    them.send({ type: 'ping' }, ours.local)
    await clock.advance(501)
    const [ping] = them.got('ping')
    them.send({ type: 'pong', pingHash: ping?.hash ?? new Uint8Array(32) }, ours.local)
    them.send({ type: 'findnode' }, ours.local)
    await clock.advance(0)
    expect(them.got('neighbors')).toEqual([])
    expect(ours.explain(them.address.nodeIdHex).provenIp).toBeUndefined()
  })

  it('is read from a node database for half a second: one that hangs keeps nobody out when it works again', async () => {
    const { clock, node, stranger } = createWorld()
    const hung: ((ms: number) => void)[] = []
    let hangs = true
    const ours = await node(0, '32.0.0.1', {
      nodeDatabase: {
        lastPong: () => (hangs ? new Promise((resolve) => hung.push(resolve)) : Promise.resolve(clock.now() - 1000)),
        lastPing: () => 0,
        findFailures: () => 0,
        setLastPong: () => undefined,
        setLastPing: () => undefined,
        setFindFailures: () => undefined,
        putNode: () => undefined,
        seeds: async () => [],
      },
    })
    for (let number = 1; number <= 300; number++) {
      const them = await stranger(number, `${32 + (number >> 7)}.${number & 127}.1.1`)
      them.send({ type: 'findnode' }, ours.local)
    }
    await clock.advance(0)
    expect(hung).toHaveLength(256)
    expect(ours.metrics.value('discover/drop/busy')).toBe(44)
    await clock.advance(499)
    expect(ours.metrics.value('discover/drop/unproven')).toBe(0)
    await clock.advance(1)
    expect(ours.metrics.value('discover/drop/unproven')).toBe(256)
    hangs = false
    const late = await stranger(500, '40.0.1.1')
    late.send({ type: 'findnode' }, ours.local)
    late.send({ type: 'enrRequest' }, ours.local)
    await clock.advance(0)
    expect(late.received.map(({ packet }) => packet.type)).toEqual(['neighbors', 'enrResponse'])
    // What is read too late changes nothing any more.
    for (const resolve of hung) resolve(clock.now() - 1000)
    await clock.advance(1000)
    expect(ours.metrics.value('discover/drop/unproven')).toBe(256)
    expect(ours.metrics.value('discover/drop/busy')).toBe(44)
  })

  it('holds after a restart, if a node database remembers it', async () => {
    const { clock, node, stranger } = createWorld()
    const them = await stranger(1, '32.0.1.1')
    const pongs = new Map<string, number>([[`${them.address.nodeIdHex} 32.0.1.1`, clock.now() - 1000]])
    const ours = await node(0, '32.0.0.1', {
      nodeDatabase: {
        lastPong: async (id, ip) => pongs.get(`${id} ${ip}`) ?? 0,
        lastPing: () => 0,
        findFailures: () => 0,
        setLastPong: () => undefined,
        setLastPing: () => undefined,
        setFindFailures: () => undefined,
        putNode: () => undefined,
        seeds: async () => [],
      },
    })
    const other = await stranger(2, '32.0.2.1')
    for (const who of [them, other]) who.send({ type: 'findnode' }, ours.local)
    await clock.advance(0)
    expect(them.got('neighbors')).toHaveLength(1)
    expect(other.got('neighbors')).toEqual([])
  })
})
