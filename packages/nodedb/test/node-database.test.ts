import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { createNodeDatabase, type NodeDatabase } from '../src/index.ts'
import { answered, enodeNode, ipOf, recordNode } from './nodes.ts'
import { day, fakeNode, keepingMetrics, memoryLevel, openTest, startMs, testClock } from './support.ts'

const id = recordNode(1).nodeIdHex
const ip = ipOf(1)

describe.each(['a store', 'memory'])('a node database on %s', (kind) => {
  const open = (options = {}): Promise<NodeDatabase> => openTest(kind === 'memory' ? undefined : memoryLevel(), options)

  test('remembers by ID and IP address together', async () => {
    const nodes = await open()
    expect([nodes.lastPong(id, ip), nodes.lastPing(id, ip), nodes.findFailures(id, ip)]).toEqual([0, 0, 0])
    nodes.setLastPong(id, ip, startMs)
    nodes.setLastPing(id, ip, startMs + 1)
    nodes.setFindFailures(id, ip, 3)
    nodes.setFindFailuresV5(id, ip, 4)
    expect([nodes.lastPong(id, ip), nodes.lastPing(id, ip)]).toEqual([startMs, startMs + 1])
    expect([nodes.findFailures(id, ip), nodes.findFailuresV5(id, ip)]).toEqual([3, 4])
    expect(nodes.lastPong(id, ipOf(2))).toBe(0)
    expect(nodes.lastPong(recordNode(2).nodeIdHex, ip)).toBe(0)
    await nodes.close()
  })

  test('takes each form of an address for the same', async () => {
    const nodes = await open()
    nodes.setLastPong(id, '::ffff:10.1.2.3', startMs)
    expect(nodes.lastPong(id, '10.1.2.3')).toBe(startMs)
    nodes.setLastPong(id, '2001:db8:0::1', startMs)
    expect(nodes.lastPong(id, '2001:DB8::1')).toBe(startMs)
    await nodes.close()
  })

  test('stores a node at its first pong, in either order, and not before', async () => {
    const nodes = await open()
    const [one, two, three] = [recordNode(1), enodeNode(2), recordNode(3)]
    nodes.putNode(one)
    expect(nodes.size).toBe(0)
    nodes.setLastPong(one.nodeIdHex, ip, startMs)
    expect(nodes.size).toBe(1)
    nodes.setLastPong(two.nodeIdHex, ipOf(2), startMs)
    expect(nodes.size).toBe(1)
    nodes.putNode(two)
    expect(nodes.size).toBe(2)
    nodes.putNode(three)
    nodes.setLastPing(three.nodeIdHex, ipOf(3), startMs)
    expect(nodes.size).toBe(2)
    await nodes.flush()
    expect(await nodes.node(one.nodeIdHex)).toMatchObject({ host: ip, record: { seq: 1n } })
    expect(await nodes.node(two.nodeIdHex)).toEqual(two)
    nodes.removeNode(one.nodeIdHex)
    expect(nodes.size).toBe(1)
    expect(await nodes.node(one.nodeIdHex)).toBeUndefined()
    expect(nodes.lastPong(one.nodeIdHex, ip)).toBe(0)
    await nodes.close()
  })

  test('keeps the newest record', async () => {
    const nodes = await open()
    answered(nodes, recordNode(1, ip, 5n), startMs)
    nodes.putNode(recordNode(1, ip, 4n))
    nodes.putNode(enodeNode(1))
    expect((await nodes.node(id))?.record?.seq).toBe(5n)
    await nodes.flush()
    nodes.putNode(recordNode(1, ip, 3n))
    nodes.putNode(recordNode(1, ipOf(9), 7n))
    expect((await nodes.node(id))?.record?.seq).toBe(7n)
    await nodes.flush()
    expect((await nodes.node(id))?.host).toBe(ipOf(9))
    await nodes.close()
  })

  test('ignores what is no ID, no address or no number, and whatever comes after it is closed', async () => {
    const nodes = await open()
    for (const [badId, badIp] of [
      ['', ip],
      ['__proto__', ip],
      [id.toUpperCase(), ip],
      [id, ''],
      [id, 'localhost'],
      [id, '1.2.3.4.5'],
    ] as const) {
      nodes.setLastPong(badId, badIp, startMs)
      nodes.setLastPing(badId, badIp, startMs)
      nodes.setFindFailures(badId, badIp, 1)
      expect(nodes.lastPong(badId, badIp)).toBe(0)
    }
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      nodes.setLastPing(id, ip, bad)
      nodes.setFindFailures(id, ip, bad)
      expect([nodes.lastPing(id, ip), nodes.findFailures(id, ip)]).toEqual([0, 0])
    }
    nodes.removeNode('x')
    expect(nodes.size).toBe(0)
    await nodes.close()
    await nodes.close()
    answered(nodes, recordNode(1), startMs)
    nodes.removeNode(id)
    expect(nodes.size).toBe(0)
    expect(await nodes.seeds({ count: 30, maxAgeMs: day })).toEqual([])
    await expect(nodes.save(new Uint8Array(32), 1n)).rejects.toMatchObject({ code: 'NODEDB_CLOSED' })
    await expect(nodes.load(new Uint8Array(32))).rejects.toMatchObject({ code: 'NODEDB_CLOSED' })
  })

  test('leaves no timer behind', async () => {
    const clock = testClock()
    const nodes = await open({ clock })
    answered(nodes, recordNode(1), startMs)
    await nodes.close()
    expect(clock.timers).toBe(0)
  })

  test('forgets who has not answered for a day, once an hour', async () => {
    const clock = testClock()
    const metrics = keepingMetrics()
    const nodes = await open({ clock, metrics })
    answered(nodes, fakeNode(1), startMs)
    answered(nodes, fakeNode(2), startMs + day / 2)
    await clock.advance(day)
    answered(nodes, fakeNode(3), clock.now())
    expect(nodes.size).toBe(3)
    await clock.advance(3_600_000)
    expect(nodes.size).toBe(2)
    expect(nodes.lastPong(fakeNode(1).nodeIdHex, ipOf(1))).toBe(0)
    expect(nodes.lastPong(fakeNode(2).nodeIdHex, ipOf(2))).toBe(startMs + day / 2)
    expect(metrics.values.get('nodedb/expired')).toBe(1)
    expect(metrics.values.get('nodedb/nodes')).toBe(2)
    await nodes.close()
  })

  test('forgets nobody as long as nobody answers: it is we who are cut off', async () => {
    const clock = testClock()
    const nodes = await open({ clock })
    answered(nodes, fakeNode(1), startMs)
    await clock.advance(4 * day)
    expect(nodes.size).toBe(1)
    answered(nodes, fakeNode(2), clock.now())
    await clock.advance(3_600_000)
    expect(nodes.size).toBe(1)
    await nodes.close()
  })

  test("keeps four addresses of a node, and none that answered gives way to one that didn't", async () => {
    const nodes = await open()
    nodes.setLastPong(id, '10.0.0.1', startMs)
    nodes.setLastPong(id, '10.0.0.2', startMs + 1)
    for (let i = 0; i < 100; i++) nodes.setLastPing(id, `30.0.0.${i}`, startMs + i)
    expect(nodes.lastPong(id, '10.0.0.1')).toBe(startMs)
    expect(nodes.lastPong(id, '10.0.0.2')).toBe(startMs + 1)
    expect(nodes.lastPing(id, '30.0.0.99')).toBe(startMs + 99)
    expect(nodes.lastPing(id, '30.0.0.10')).toBe(0)
    await nodes.close()
  })
})

describe('over a restart', () => {
  test('all is there that was noted of nodes that have answered', async () => {
    const level = memoryLevel()
    const first = await openTest(level)
    const [one, two] = [recordNode(1), enodeNode(2)]
    answered(first, one, startMs - 5)
    first.setLastPing(one.nodeIdHex, ip, startMs - 4)
    first.setFindFailures(one.nodeIdHex, ip, 2)
    first.setFindFailuresV5(one.nodeIdHex, ip, 3)
    answered(first, two, startMs - 3)
    first.setLastPing(recordNode(3).nodeIdHex, ipOf(3), startMs)
    await first.close()
    const second = await openTest(level)
    expect(second.size).toBe(2)
    expect(second.lastPong(one.nodeIdHex, ip)).toBe(startMs - 5)
    expect(second.lastPing(one.nodeIdHex, ip)).toBe(startMs - 4)
    expect(second.findFailures(one.nodeIdHex, ip)).toBe(2)
    expect(second.findFailuresV5(one.nodeIdHex, ip)).toBe(3)
    expect(await second.node(one.nodeIdHex)).toMatchObject({
      host: ip,
      record: { text: one.record?.text, seq: 1n },
    })
    expect(await second.node(two.nodeIdHex)).toEqual(two)
    // Who only pinged us is not: anybody can forge that.
    expect(second.lastPing(recordNode(3).nodeIdHex, ipOf(3))).toBe(0)
    await second.close()
  })

  test('a node that was reached elsewhere than its record says is where it was reached', async () => {
    const level = memoryLevel()
    const first = await openTest(level)
    const signed = recordNode(1, '10.0.0.1')
    const reached = { host: ip, tcpPort: 1, udpPort: 65535 }
    answered(first, { ...signed, ...reached, endpoints: [reached] }, startMs)
    await first.close()
    const second = await openTest(level)
    const found = await second.node(id)
    expect(found).toMatchObject({ ...reached, record: { seq: 1n } })
    expect(found?.endpoints).toEqual([reached, { host: '10.0.0.1', tcpPort: 30303, udpPort: 30303 }])
    await second.close()
  })

  test('times that are yet to come are taken for now: the clock was wrong', async () => {
    const level = memoryLevel()
    const first = await openTest(level)
    answered(first, recordNode(1), startMs + 10 * 365 * day)
    await first.close()
    const second = await openTest(level)
    expect(second.lastPong(id, ip)).toBe(startMs)
    await second.close()
  })

  test('what was noted a second before a kill is there', async () => {
    const level = memoryLevel()
    const clock = testClock()
    const killed = await openTest(level, { clock })
    answered(killed, recordNode(1), startMs)
    await clock.advance(1_000)
    // Nothing is closed: the next one opens what is there.
    const second = await openTest(level)
    expect(second.size).toBe(1)
    expect((await second.node(id))?.nodeIdHex).toBe(id)
    await second.close()
    await killed.close()
  })

  test('nodes that were removed, or forgotten after a day, are gone', async () => {
    const level = memoryLevel()
    const clock = testClock()
    const first = await openTest(level, { clock })
    for (const index of [1, 2, 3]) answered(first, recordNode(index), startMs)
    await first.flush()
    first.removeNode(recordNode(1).nodeIdHex)
    await clock.advance(day)
    answered(first, recordNode(3), clock.now())
    await clock.advance(3_600_000)
    await first.close()
    await level.open()
    const keys = await level.keys().all()
    const kept = recordNode(3).nodeIdHex
    expect(keys.map((key) => bytesToHex(key.subarray(1))).filter((key) => key.length === 64)).toEqual([kept, kept])
    const second = await openTest(level)
    expect(second.size).toBe(1)
    await second.close()
  })
})

describe('its writes', () => {
  test('go in few batches, and at once when many wait', async () => {
    const level = memoryLevel()
    const clock = testClock()
    const nodes = await openTest(level, { clock })
    let batches = 0
    const write = level.batch.bind(level) as (...args: unknown[]) => unknown
    Object.assign(level, {
      batch: (...args: unknown[]) => {
        batches++
        return write(...args)
      },
    })
    for (let index = 0; index < 100; index++) answered(nodes, fakeNode(index), startMs)
    await clock.settle()
    expect(batches).toBe(0)
    await clock.advance(1_000)
    expect(batches).toBe(1)
    for (let index = 0; index < 3_000; index++) answered(nodes, fakeNode(index), startMs + 1)
    await clock.settle()
    expect(batches).toBeGreaterThanOrEqual(2)
    await clock.advance(1_000)
    expect(batches).toBeLessThan(6)
    expect(await level.keys().all()).toHaveLength(1 + 2 * 3_000)
    await nodes.close()
  })

  test('are right in whatever order nodes come and go', async () => {
    const level = memoryLevel()
    const nodes = await openTest(level)
    const node = recordNode(1)
    answered(nodes, node, startMs)
    const first = nodes.flush()
    // While the first is on its way.
    nodes.removeNode(id)
    await first
    await nodes.flush()
    expect(await level.keys().all()).toHaveLength(1)
    answered(nodes, node, startMs)
    await nodes.flush()
    nodes.removeNode(id)
    const second = nodes.flush()
    answered(nodes, node, startMs)
    await second
    await nodes.flush()
    expect(await level.keys().all()).toHaveLength(3)
    expect((await nodes.node(id))?.nodeIdHex).toBe(id)
    await nodes.close()
  })
})

test('options that cannot be are refused', async () => {
  await expect(createNodeDatabase(undefined, { maxNodes: 0 })).rejects.toThrow(RangeError)
  await expect(createNodeDatabase(undefined, { maxNodesPerSubnet: 1.5 })).rejects.toThrow(RangeError)
})
