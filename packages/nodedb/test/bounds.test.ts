import { describe, expect, test } from 'vitest'
import { answered, enodeNode, ipOf } from './nodes.ts'
import { day, fakeNode, keepingLogger, keepingMetrics, memoryLevel, openTest, startMs, testClock } from './support.ts'

const id = (index: number): string => fakeNode(index).nodeIdHex

describe('case 66: its size', () => {
  test('does not grow by pings, however many claim to send them', async () => {
    const level = memoryLevel()
    const nodes = await openTest(level)
    for (let index = 0; index < 20_000; index++) nodes.setLastPing(id(index % 5_000), ipOf(index), startMs)
    await nodes.flush()
    expect(nodes.size).toBe(0)
    expect(await level.keys().all()).toHaveLength(1)
    // In memory, too, the last ones only.
    expect(nodes.lastPing(id(4_999), ipOf(19_999))).toBe(startMs)
    expect(nodes.lastPing(id(0), ipOf(15_000))).toBe(0)
    await nodes.close()
  })

  test('has an end: above it the longest silent go', async () => {
    const level = memoryLevel()
    const clock = testClock()
    const metrics = keepingMetrics()
    const nodes = await openTest(level, { maxNodes: 100, clock, metrics })
    for (let index = 0; index < 150; index++) {
      answered(nodes, fakeNode(index), startMs + index)
      // One that is asked again and again, and answers.
      nodes.setLastPong(id(0), ipOf(0), startMs + index)
    }
    await nodes.flush()
    expect(nodes.size).toBe(100)
    expect(await level.keys().all()).toHaveLength(1 + 2 * 100)
    expect(metrics.values.get('nodedb/evicted')).toBe(50)
    await nodes.close()
    const again = await openTest(level)
    expect(again.size).toBe(100)
    expect(again.lastPong(id(0), ipOf(0))).toBe(startMs)
    expect([1, 50, 51, 149].map((index) => again.lastPong(id(index), ipOf(index)) > 0)).toEqual([
      false,
      false,
      true,
      true,
    ])
    await again.close()
  })

  test('case 13: who had to go for others that came once is back with the next answer, and they are not', async () => {
    const nodes = await openTest(undefined, { maxNodes: 100 })
    for (let index = 0; index < 20; index++) answered(nodes, fakeNode(index), startMs)
    for (let index = 100; index < 300; index++) answered(nodes, fakeNode(index), startMs + 1)
    expect(await nodes.node(id(5))).toBeUndefined()
    for (let index = 0; index < 20; index++) answered(nodes, fakeNode(index), startMs + 2)
    for (let index = 0; index < 20; index++) expect((await nodes.node(id(index)))?.host).toBe(ipOf(index))
    expect(nodes.size).toBe(100)
    await nodes.close()
  })

  test('counts who answers after a day of silence as before', async () => {
    const clock = testClock()
    const nodes = await openTest(undefined, { clock })
    answered(nodes, fakeNode(1), clock.now())
    for (let hour = 0; hour < 26; hour++) {
      await clock.advance(day / 24)
      answered(nodes, fakeNode(2), clock.now())
    }
    expect(nodes.size).toBe(1)
    answered(nodes, fakeNode(1), clock.now())
    expect(nodes.size).toBe(2)
    await nodes.close()
  })

  test('case 66: a node without a record that says the same again is not written again; at a new port it is', async () => {
    const level = memoryLevel()
    const nodes = await openTest(level)
    answered(nodes, enodeNode(1), startMs)
    await nodes.flush()
    const rows = async (): Promise<string> => JSON.stringify((await level.iterator().all()).map(String))
    const before = await rows()
    nodes.putNode(enodeNode(1))
    await nodes.flush()
    expect(await rows()).toBe(before)
    nodes.putNode({ ...enodeNode(1), udpPort: 40404 })
    await nodes.flush()
    expect((await nodes.node(enodeNode(1).nodeIdHex))?.udpPort).toBe(40404)
    await nodes.close()
  })

  test('is no larger after it was opened with a smaller bound', async () => {
    const level = memoryLevel()
    const first = await openTest(level)
    for (let index = 0; index < 3_000; index++) answered(first, fakeNode(index), startMs - index)
    await first.close()
    const second = await openTest(level, { maxNodes: 500 })
    expect(second.size).toBe(500)
    expect(second.lastPong(id(499), ipOf(499))).toBe(startMs - 499)
    expect(second.lastPong(id(500), ipOf(500))).toBe(0)
    expect(await level.keys().all()).toHaveLength(1 + 2 * 500)
    await second.close()
  })

  test('case 12: 10,000 IDs behind one address, one /24 or one /48 push out themselves only', async () => {
    const nodes = await openTest(memoryLevel())
    for (let index = 0; index < 1_000; index++) answered(nodes, fakeNode(index), startMs)
    for (let index = 10_000; index < 20_000; index++) {
      answered(nodes, fakeNode(index, '60.0.0.1'), startMs + index)
      answered(nodes, fakeNode(index + 10_000, `61.0.0.${index % 256}`), startMs + index)
      answered(nodes, fakeNode(index + 20_000, `2001:db8:1:${(index % 9_000).toString(16)}::1`), startMs + index)
    }
    expect(nodes.size).toBe(1_000 + 3 * 16)
    for (let index = 0; index < 1_000; index++) expect(nodes.lastPong(id(index), ipOf(index))).toBe(startMs)
    await nodes.close()
  })

  test('case 12: a node that moves into a full subnet takes a place there', async () => {
    const nodes = await openTest(memoryLevel(), { maxNodesPerSubnet: 2 })
    answered(nodes, fakeNode(1, '60.0.0.1'), startMs)
    answered(nodes, fakeNode(2, '60.0.0.2'), startMs + 1)
    answered(nodes, fakeNode(3, '61.0.0.3'), startMs + 2)
    nodes.setLastPong(id(3), '60.0.0.3', startMs + 3)
    expect(nodes.size).toBe(2)
    // What the one that had to go has proven still counts, as long as it is remembered.
    expect(nodes.lastPong(id(1), '60.0.0.1')).toBe(startMs)
    answered(nodes, fakeNode(4, '61.0.0.4'), startMs + 4)
    answered(nodes, fakeNode(5, '61.0.0.5'), startMs + 5)
    expect(nodes.size).toBe(4)
    await nodes.close()
  })

  test('addresses of the LAN and of this machine are no subnets of a stranger', async () => {
    const nodes = await openTest(undefined)
    for (let index = 0; index < 200; index++) {
      answered(nodes, fakeNode(index, `127.0.0.${index + 1}`), startMs)
      answered(nodes, fakeNode(index + 200, `192.168.0.${index + 1}`), startMs)
      answered(nodes, fakeNode(index + 400, `fd00::${index + 1}`), startMs)
    }
    expect(nodes.size).toBe(600)
    await nodes.close()
  })

  test('goes down by itself: after a day of silence nothing of a flood is left', async () => {
    const clock = testClock()
    const level = memoryLevel()
    const nodes = await openTest(level, { clock })
    for (let index = 0; index < 2_000; index++) answered(nodes, fakeNode(index), clock.now())
    for (let hour = 0; hour < 26; hour++) {
      await clock.advance(day / 24)
      nodes.setLastPong(id(5), ipOf(5), clock.now())
    }
    expect(nodes.size).toBe(1)
    await nodes.flush()
    expect(await level.keys().all()).toHaveLength(3)
    await nodes.close()
  })
})

describe('case 63: a store that fails', () => {
  test('is said once; what is new stays in memory, within the bounds, and is written when the store works again', async () => {
    const level = memoryLevel()
    const clock = testClock()
    const logger = keepingLogger()
    const metrics = keepingMetrics()
    const nodes = await openTest(level, { clock, logger, metrics, maxNodes: 400 })
    answered(nodes, fakeNode(0), startMs)
    await nodes.flush()
    const batch = level.batch
    Object.assign(level, { batch: () => Promise.reject(new Error('IO error: No space left on device')) })
    for (let index = 1; index < 1_000; index++) answered(nodes, fakeNode(index), startMs + index)
    expect(await nodes.load(new Uint8Array(32).fill(7))).toBe(BigInt(startMs) - 1n)
    await nodes.save(new Uint8Array(32).fill(7), 9n)
    await clock.advance(3_600_000)
    expect(logger.count('warn')).toBe(1)
    expect(nodes.size).toBe(400)
    expect(nodes.isPersistent).toBe(false)
    expect(metrics.values.get('nodedb/failures')).toBeGreaterThan(10)
    expect(nodes.lastPong(id(999), ipOf(999))).toBe(startMs + 999)
    expect(await nodes.node(id(999))).toBeDefined()
    Object.assign(level, { batch })
    await clock.advance(60_000)
    expect(nodes.isPersistent).toBe(true)
    expect(await level.keys().all()).toHaveLength(1 + 2 * 400)
    Object.assign(level, { batch: () => Promise.reject(new Error('IO error')) })
    answered(nodes, fakeNode(2_000), startMs)
    await nodes.close()
    expect(logger.count('warn')).toBe(1)
  })

  test('brings back no node that was removed while a write failed', async () => {
    const level = memoryLevel()
    const clock = testClock()
    const nodes = await openTest(level, { clock })
    answered(nodes, fakeNode(1), startMs)
    await nodes.flush()
    const batch = level.batch
    const failing = Promise.withResolvers<never>()
    Object.assign(level, { batch: () => failing.promise })
    nodes.setLastPing(id(1), ipOf(1), startMs)
    const flushed = nodes.flush()
    nodes.removeNode(id(1))
    failing.reject(new Error('IO error'))
    await flushed
    Object.assign(level, { batch })
    await clock.advance(60_000)
    expect(await level.keys().all()).toHaveLength(1)
    await nodes.close()
  })

  test('in reading as well: nothing is thrown, nothing is found', async () => {
    const level = memoryLevel()
    const logger = keepingLogger()
    const nodes = await openTest(level, { logger })
    for (let index = 0; index < 100; index++) answered(nodes, fakeNode(index), startMs)
    await nodes.flush()
    const fail = (): never => {
      throw new Error('IO error: bad sector')
    }
    Object.assign(level, { get: fail, iterator: fail })
    expect(await nodes.node(id(1))).toBeUndefined()
    expect(await nodes.seeds({ count: 30, maxAgeMs: day })).toEqual([])
    expect(nodes.lastPong(id(1), ipOf(1))).toBe(startMs)
    expect(logger.count('warn')).toBe(1)
    await nodes.close()
  })
})
