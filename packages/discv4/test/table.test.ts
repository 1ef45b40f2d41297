import { tcpEntry } from '@ethwire/enr'
import { bucketIndex } from '@ethwire/kbucket'
import { describe, expect, it } from 'vitest'
import { addressOf, createWorld, readableMetrics, type TestNode } from './harness.ts'
import { standInCrypto } from './stand-in-crypto.ts'

const entries = (node: TestNode) => node.table().flatMap(({ nodes }) => nodes.map(({ entry }) => entry))
const hosts = (node: TestNode) => entries(node).map(({ host }) => host)

describe('the table', () => {
  it('finds everybody from one bootnode', async () => {
    const { clock, node } = createWorld({ latencyMs: [20, 80] })
    const bootnode = await node(0, '32.0.0.1')
    const bootnodes = [bootnode.localNode.enode]
    const nodes = [bootnode]
    for (let number = 1; number < 30; number++) {
      nodes.push(await node(number, `32.0.${number}.1`, { bootnodes }))
      await clock.advance(200)
    }
    await clock.advance(60_000)
    for (const each of nodes) expect(entries(each).length).toBeGreaterThanOrEqual(15)
    // A lookup finds the nearest of all.
    const target = new Uint8Array(64).fill(3)
    const id = standInCrypto.keccak256(target)
    const all = nodes.map(({ nodeAddress }) => nodeAddress)
    const [looker] = nodes.slice(-1) as [TestNode]
    const found = await clock.runUntil(looker.lookup(target))
    const distance = ({ nodeId }: { nodeId: Uint8Array }): string =>
      nodeId.reduce((text, byte, index) => text + String.fromCharCode(byte ^ (id[index] ?? 0)), '')
    const nearest = all
      .filter(({ nodeIdHex }) => nodeIdHex !== looker.localNode.nodeIdHex)
      .sort((a, b) => (distance(a) < distance(b) ? -1 : 1))
      .slice(0, 16)
    expect(found.map(({ nodeIdHex }) => nodeIdHex)).toEqual(nearest.map(({ nodeIdHex }) => nodeIdHex))
  })

  it('fetches the records of nodes that are alive, and shows its buckets as metrics', async () => {
    const { clock, node } = createWorld()
    const a = await node(0, '32.0.0.1')
    const b = await node(1, '32.0.1.1', { bootnodes: [a.localNode.enode] })
    await clock.advance(30_000)
    expect(entries(b)[0]?.enr).toBe(a.localNode.record.text)
    const bucket = bucketIndex(b.localNode.nodeId, a.localNode.nodeId)
    expect(b.metrics.value(`discover/bucket/${bucket}/count`)).toBe(1)
    // What has changed is fetched with the next check.
    a.localNode.set(tcpEntry, 30303)
    await clock.advance(30_000)
    expect(entries(b)[0]).toMatchObject({ tcpPort: 30303, record: { seq: a.localNode.seq } })
  })

  it('begins again soon when no seed told of anybody at the start, though it may answer pings by now', async () => {
    const { clock, network, node } = createWorld({ latencyMs: 50 })
    const bootnode = await node(0, '32.0.0.1')
    const bootnodes = [bootnode.localNode.enode]
    for (let number = 1; number < 5; number++) await node(number, `32.0.${number}.1`, { bootnodes })
    await clock.advance(60_000)
    // The four lookups at the start get no answer. A check of the seed may come before or after that.
    network.setFaults({ lossPercent: 100 })
    const late: TestNode[] = []
    for (let number = 5; number < 15; number++) late.push(await node(number, `32.0.${number}.1`, { bootnodes }))
    await clock.advance(2_100)
    network.setFaults({ lossPercent: 0 })
    await clock.advance(60_000)
    for (const each of late) expect(hosts(each)).toEqual(expect.arrayContaining(['32.0.1.1', '32.0.2.1', '32.0.3.1']))
  })

  it('forgets nodes that are gone, and says why', async () => {
    const { clock, node } = createWorld()
    const a = await node(0, '32.0.0.1')
    const b = await node(1, '32.0.1.1', { bootnodes: [a.localNode.enode] })
    await clock.advance(5_000)
    const { nodeIdHex } = a.localNode
    expect(b.explain(nodeIdHex)).toMatchObject({ place: 'bucket', provenIp: '32.0.0.1', node: { isLive: true } })
    await a.close()
    await clock.advance(120_000)
    expect(hosts(b)).toEqual([])
    const { place, events } = b.explain(nodeIdHex)
    expect(place).toBe('absent')
    expect(events.map(({ event }) => event)).toContain('removed')
    expect(b.metrics.value(`discover/bucket/${bucketIndex(b.localNode.nodeId, a.localNode.nodeId)}/count`)).toBe(0)
    expect(() => b.explain('nobody')).toThrow(TypeError)
    const own = b.localNode.nodeIdHex
    expect(b.explain(`0x${own.toUpperCase()}`)).toEqual({ nodeIdHex: own, place: 'self', events: [] })
  })

  it('begins again from its seeds when most of it is gone', async () => {
    const { clock, node } = createWorld()
    const a = await node(0, '32.0.0.1')
    const b = await node(1, '32.0.1.1', { bootnodes: [a.localNode.enode] })
    await clock.advance(5_000)
    await a.close()
    await clock.advance(600_000)
    expect(hosts(b)).toEqual([])
    await node(0, '32.0.0.1')
    await clock.advance(61_000)
    expect(hosts(b)).toEqual(['32.0.0.1'])
  })

  it('goes on without bootnodes where a database remembers nodes', async () => {
    const { clock, node } = createWorld()
    const a = await node(0, '32.0.0.1')
    const kept = new Map<string, ReturnType<typeof addressOf>>()
    const pongs = new Map<string, number>()
    const nodeDatabase = {
      lastPong: (id: string, ip: string) => pongs.get(`${id} ${ip}`) ?? 0,
      lastPing: () => 0,
      findFailures: () => 0,
      setLastPong: (id: string, ip: string, atMs: number) => void pongs.set(`${id} ${ip}`, atMs),
      setLastPing: () => undefined,
      setFindFailures: () => undefined,
      putNode: (put: ReturnType<typeof addressOf>) => void kept.set(put.nodeIdHex, put),
      seeds: async () => [...kept.values()],
    }
    const b = await node(1, '32.0.1.1', { bootnodes: [a.localNode.enode], nodeDatabase })
    await clock.advance(2_000)
    // One verified pong is enough.
    expect([...kept.keys()]).toEqual([a.localNode.nodeIdHex])
    await b.close()
    const again = await node(1, '32.0.1.1', { nodeDatabase })
    await clock.advance(2_000)
    expect(hosts(again)).toEqual(['32.0.0.1'])
    await clock.advance(20_000)
    expect(kept.get(a.localNode.nodeIdHex)?.enr).toBe(a.localNode.record.text)
  })

  it('is filled and lookups end though a database never answers, and neither does who knows the address of a bootnode', async () => {
    const { clock, node } = createWorld({ latencyMs: 20 })
    const a = await node(0, '32.0.0.1')
    const hangs = (): Promise<never> => new Promise(() => undefined)
    const b = await node(1, '32.0.1.1', {
      bootnodes: [a.localNode.enode, a.localNode.enode.replace('32.0.0.1', 'bootnode.example')],
      resolver: { addresses: hangs, texts: hangs },
      nodeDatabase: {
        lastPong: hangs,
        lastPing: hangs,
        findFailures: hangs,
        setLastPong: () => undefined,
        setLastPing: () => undefined,
        setFindFailures: () => undefined,
        putNode: () => undefined,
        seeds: hangs,
      },
    })
    await clock.runUntil(b.ready)
    expect(clock.monotonicMs()).toBeLessThan(10_000)
    expect(hosts(b)).toEqual(['32.0.0.1'])
    // Nobody's proof is known: each request begins with a ping, and with the half second in which the node might ping us.
    const before = clock.monotonicMs()
    expect(await clock.runUntil(b.lookup(new Uint8Array(64).fill(1)))).toHaveLength(1)
    expect(clock.monotonicMs() - before).toBeLessThanOrEqual(1500)
    await b.close()
    expect(clock.timers).toBe(1)
  })

  it('case 12: ten thousand IDs of one address take two places a bucket, ten in all', async () => {
    const { clock, node, stranger } = createWorld({ maxWaiting: 100_000 })
    const them = await stranger(1, '32.0.1.1')
    const a = await node(0, '32.0.0.1', { bootnodes: [them.address] })
    let number = 1000
    them.answerPings()
    them.answer('findnode', ({ from }) => {
      for (let sent = 0; sent < 2; sent++) {
        const nodes = Array.from({ length: 8 }, () => {
          const { publicKey } = addressOf(number++, { ip: '32.9.9.9', port: 30303 })
          return { publicKey, ip: `32.9.9.${number % 250}`, udpPort: 30303, tcpPort: 30303 }
        })
        them.send({ type: 'neighbors', nodes }, from)
      }
    })
    while (number < 11_000) {
      const found = await clock.runUntil(a.findNode(them.address, new Uint8Array(64).fill(number)))
      expect(found).toHaveLength(16)
      // As a lookup would.
      if (number % 64 < 16) await clock.runUntil(a.lookup(new Uint8Array(64).fill(number)))
    }
    const ofAttacker = a
      .table()
      .map(({ nodes }) => nodes.filter(({ entry }) => entry.host?.startsWith('32.9.9.')).length)
    expect(Math.max(...ofAttacker)).toBeLessThanOrEqual(2)
    expect(ofAttacker.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(10)
  })

  it('case 13: whoever knocks before the table was seeded is not taken in', async () => {
    const { clock, node, stranger } = createWorld()
    const silent = addressOf(99, { ip: '32.0.99.1', port: 30303 })
    const a = await node(0, '32.0.0.1', { bootnodes: [silent] })
    const attacker = await stranger(1, '32.0.1.1')
    await attacker.bond(a.local)
    expect(hosts(a)).toEqual(['32.0.99.1'])
    const proven = { event: 'proven', rule: 'pong', detail: '32.0.1.1' }
    const refused = { event: 'refused', rule: 'not-seeded' }
    expect(a.explain(attacker.address.nodeIdHex).events).toMatchObject([proven, refused])
    await clock.runUntil(a.ready)
    attacker.send({ type: 'ping' }, a.local)
    await clock.advance(0)
    expect(hosts(a)).toContain('32.0.1.1')
  })

  it('case 13: live nodes are not pushed out by those who knock', async () => {
    const { clock, node, stranger } = createWorld()
    const a = await node(0, '32.0.0.1')
    await clock.runUntil(a.ready)
    const ofFarBucket = (number: number): boolean =>
      bucketIndex(a.localNode.nodeId, addressOf(number, { ip: '32.0.0.9', port: 1 }).nodeId) === 16
    const numbers = Array.from({ length: 200 }, (_, n) => n + 1).filter(ofFarBucket)
    const honest = await Promise.all(numbers.slice(0, 16).map((number) => stranger(number, `32.1.${number}.1`)))
    for (const each of honest) await each.bond(a.local)
    await clock.advance(120_000)
    const before = hosts(a).sort()
    expect(before).toHaveLength(16)
    const attackers = await Promise.all(numbers.slice(16, 60).map((number) => stranger(number, `33.1.${number}.1`)))
    for (const each of attackers) await each.bond(a.local)
    await clock.advance(600_000)
    expect(hosts(a).sort()).toEqual(before)
  })

  it('is kept by the policy of 2018 as well', async () => {
    const { clock, node } = createWorld()
    const a = await node(0, '32.0.0.1', { policy: 'geth-2018' })
    const b = await node(1, '32.0.1.1', { bootnodes: [a.localNode.enode], policy: 'geth-2018' })
    await clock.advance(60_000)
    expect(hosts(a)).toEqual(['32.0.1.1'])
    expect(hosts(b)).toEqual(['32.0.0.1'])
  })

  it('costs one timer of the clock and stops with it', async () => {
    const { clock, node } = createWorld()
    const a = await node(0, '32.0.0.1')
    await node(1, '32.0.1.1', { bootnodes: [a.localNode.enode], metrics: readableMetrics() })
    await clock.advance(60_000)
    expect(clock.timers).toBe(2)
    await a.close()
    await a.close()
    expect(clock.timers).toBe(1)
  })
})
