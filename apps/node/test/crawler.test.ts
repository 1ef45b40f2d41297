import type { NodeAddress, NodeRecord } from '@ethwire/enr'
import { IoError } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import { createRecentFailures } from '../src/crawl/recent-failures.ts'
import { createSemaphore } from '../src/crawl/semaphore.ts'
import { type Ask, known, nodeOf, recordOf, startMs, testCrawl } from './crawler-support.ts'

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index)

describe('a node of the input', () => {
  test('that answers has a point more, its newest record, and the time', async () => {
    const { crawler, clock } = testCrawl({
      input: new Map([known(nodeOf(1), { score: 3 })]),
      answer: () => recordOf(1, { seq: 5n, ip: '10.9.9.9' }),
    })
    await clock.advance(2_500)
    await clock.runUntil(crawler.run())
    const entry = crawler.nodes.get(nodeOf(1).nodeIdHex)
    expect(entry).toMatchObject({ score: 4, lastResponseMs: startMs + 2_000, lastCheckMs: startMs + 2_000 })
    expect(entry?.firstResponseMs).toBeLessThan(startMs)
    expect(entry?.node).toMatchObject({ host: '10.9.9.9', record: { seq: 5n } })
    expect(crawler.progress()).toMatchObject({ updated: 1, added: 0, removed: 0, inputChecked: 1, inputTotal: 1 })
  })

  test('that is silent has half of its points, and is forgotten when none is left', async () => {
    const { crawler, clock } = testCrawl({
      input: new Map([known(nodeOf(1), { score: 5 }), known(nodeOf(2), { score: 1 })]),
      answer: () => undefined,
    })
    await clock.runUntil(crawler.run())
    const entry = crawler.nodes.get(nodeOf(1).nodeIdHex)
    expect(entry).toMatchObject({ score: 2, lastCheckMs: startMs + 1000 })
    expect(entry?.lastResponseMs).toBeLessThan(startMs)
    expect(crawler.nodes.has(nodeOf(2).nodeIdHex)).toBe(false)
    expect(crawler.progress()).toMatchObject({ updated: 1, removed: 1, nodes: 1 })
  })

  test('that is silent once has a second chance a second later', async () => {
    let silences = 1
    const answer = (node: NodeAddress): NodeRecord | undefined => (silences-- > 0 ? undefined : node.record)
    const { crawler, clock, asks } = testCrawl({ input: new Map([known(nodeOf(1))]), answer })
    await clock.runUntil(crawler.run())
    expect(asks.map(({ atMs }) => atMs)).toEqual([0, 1000])
    expect([...crawler.nodes.values()]).toMatchObject([{ score: 9 }])
    expect(crawler.progress()).toMatchObject({ updated: 1, inputChecked: 1 })
  })

  test('that was never heard stays as it is while it is silent, and has a first time when it answers', async () => {
    const silent = testCrawl({ bootnodes: [nodeOf(1)], answer: () => undefined })
    await silent.clock.runUntil(silent.crawler.run())
    expect([...silent.crawler.nodes.values()]).toEqual([{ node: expect.anything(), score: 0 }])
    expect(silent.crawler.progress()).toMatchObject({ incompatible: 1 })

    const heard = testCrawl({ bootnodes: [nodeOf(1)] })
    await heard.clock.runUntil(heard.crawler.run())
    expect([...heard.crawler.nodes.values()]).toMatchObject([{ score: 1, firstResponseMs: startMs }])
    expect(heard.crawler.progress()).toMatchObject({ added: 1, updated: 0 })
  })

  test('that was asked less than ten minutes ago is not asked again: a crawl goes on where it was stopped', async () => {
    const minutesAgo = (minutes: number) => ({ lastCheckMs: startMs - minutes * 60_000 })
    const { crawler, clock, asks } = testCrawl({
      input: new Map([known(nodeOf(1), minutesAgo(9)), known(nodeOf(2), minutesAgo(11))]),
    })
    await clock.runUntil(crawler.run())
    expect(asks.map(({ node }) => node.host)).toEqual(['10.0.0.2'])
    expect(crawler.progress()).toMatchObject({ recent: 1, updated: 1, inputChecked: 2 })
  })

  test('keeps its newer record when it answers with an older one, and counts as there', async () => {
    const { crawler, clock } = testCrawl({
      input: new Map([known(nodeOf(1, { seq: 9n }))]),
      answer: () => recordOf(1, { seq: 8n }),
    })
    await clock.runUntil(crawler.run())
    expect([...crawler.nodes.values()]).toMatchObject([{ score: 9, node: { record: { seq: 9n } } }])
  })

  test('that answers with the record of another has not answered', async () => {
    const { crawler, clock } = testCrawl({ input: new Map([known(nodeOf(1))]), answer: () => recordOf(2) })
    await clock.runUntil(crawler.run())
    expect([...crawler.nodes.values()]).toMatchObject([{ score: 4, node: { nodeIdHex: nodeOf(1).nodeIdHex } }])
  })

  test.each([
    ['this machine', '127.0.0.1'],
    ['nowhere', '0.0.0.0'],
  ])('that gives a record by which it is %s has not answered', async (_, ip) => {
    const { crawler, clock } = testCrawl({
      input: new Map([known(nodeOf(1))]),
      answer: () => recordOf(1, { seq: 2n, ip }),
    })
    await clock.runUntil(crawler.run())
    expect([...crawler.nodes.values()]).toMatchObject([{ score: 4, node: { host: '10.0.0.1' } }])
  })

  test.each([
    ['this machine cannot send', new IoError('IO_UNREACHABLE', 'the network is down')],
    ['discovery has too much to do', Object.assign(new Error('too many requests'), { code: 'DISCV4_BUSY' })],
  ])('loses nothing when %s', async (_, error) => {
    const { crawler, clock } = testCrawl({
      input: new Map([known(nodeOf(1))]),
      answer: () => {
        throw error
      },
    })
    await clock.runUntil(crawler.run())
    expect([...crawler.nodes.values()]).toMatchObject([{ score: 8, lastCheckMs: startMs - 24 * 60 * 60 * 1000 }])
    expect(crawler.progress()).toMatchObject({ passed: 1, updated: 0 })
  })
})

describe('a node that the walk comes by', () => {
  test('is kept if it answers, and else not asked again for ten minutes', async () => {
    const [there, gone] = [nodeOf(1), nodeOf(2)]
    const { crawler, clock, asks } = testCrawl({
      bootnodes: [nodeOf(3)],
      walk: [there, gone, ...range(10, 200).map((number) => nodeOf(number)), there, gone],
      answer: (node) => (node.nodeIdHex === gone.nodeIdHex ? undefined : node.record),
    })
    await clock.runUntil(crawler.run())
    expect(crawler.nodes.get(there.nodeIdHex)).toMatchObject({ score: 1 })
    expect(crawler.nodes.has(gone.nodeIdHex)).toBe(false)
    expect(crawler.progress()).toMatchObject({ added: 202, incompatible: 1, recent: 2, nodes: 202 })
    expect(asks.filter(({ node }) => node.nodeIdHex === gone.nodeIdHex)).toHaveLength(1)
  })

  test('costs a known node nothing when it is silent where others say that it is', async () => {
    const { crawler, clock } = testCrawl({
      input: new Map([known(nodeOf(1), { lastCheckMs: startMs - 599_000 })]),
      walk: [...range(100, 200).map((number) => nodeOf(number)), nodeOf(1, { ip: '10.66.6.6' })],
      answer: (node) => (node.host === '10.66.6.6' ? undefined : node.record),
    })
    await clock.runUntil(crawler.run())
    expect(crawler.nodes.get(nodeOf(1).nodeIdHex)).toMatchObject({ score: 8, node: { host: '10.0.0.1' } })
    expect(crawler.progress()).toMatchObject({ incompatible: 1, updated: 0 })
  })

  test('is not waited for when its address has enough to do', async () => {
    const { crawler, clock, asks } = testCrawl({
      bootnodes: [nodeOf(1)],
      walk: range(100, 50).map((number) => nodeOf(number, { ip: '10.1.1.1', udpPort: 30_000 + number })),
    })
    await clock.runUntil(crawler.run())
    expect(asks.filter(({ node }) => node.host === '10.1.1.1').map(({ atMs }) => atMs)).toEqual([10, 1010, 2010, 3010])
    expect(crawler.progress()).toMatchObject({ passed: 46 })
  })
})

describe('a crawl', () => {
  test.each([
    ['an address', (_: number) => '10.1.1.1'],
    ['an IPv6 network of 64 bits', (number: number) => `fd00:0:0:1::${number + 1}`],
  ])('asks %s once a second, and others meanwhile', async (_, ipOf) => {
    const one = range(0, 20).map((number) => nodeOf(number, { ip: ipOf(number), udpPort: 30_000 + number }))
    const others = range(100, 50).map((number) => nodeOf(number))
    const { crawler, clock, asks } = testCrawl({ input: new Map([...one, ...others].map((node) => known(node))) })
    await clock.runUntil(crawler.run())
    const isOne = ({ node }: Ask): boolean => node.udpPort !== 30_303
    const same = asks.filter(isOne).map(({ atMs }) => atMs)
    expect(same).toHaveLength(20)
    for (const [index, atMs] of same.slice(1).entries()) expect(atMs - same[index]!).toBeGreaterThanOrEqual(1000)
    expect(Math.max(...asks.filter((ask) => !isOne(ask)).map(({ atMs }) => atMs))).toBeLessThan(1000)
    expect(crawler.progress()).toMatchObject({ updated: 70, inputChecked: 70 })
  })

  test('asks no more nodes at a time than it is told, the walk no more than half of them', async () => {
    const { crawler, clock, asks, peak } = testCrawl({
      input: new Map(range(0, 100).map((number) => known(nodeOf(number)))),
      walk: range(200, 300).map((number) => nodeOf(number)),
      parallel: 8,
    })
    await clock.runUntil(crawler.run())
    expect(asks).toHaveLength(400)
    expect(peak()).toBe(8)
    const early = asks.filter(({ atMs }) => atMs < 1000)
    const ofInput = early.filter(({ node }) => crawler.nodes.get(node.nodeIdHex)?.score === 9)
    expect(ofInput.length).toBeGreaterThan(early.length * 0.45)
  })

  test('ends when its time is over, but not before all of the input was asked', async () => {
    const input = new Map(range(0, 100).map((number) => known(nodeOf(number))))
    const late = testCrawl({ input, parallel: 2, timeoutMs: 1000, walkGoesOn: true })
    await late.clock.runUntil(late.crawler.run())
    expect(late.clock.now() - startMs).toBe(5000)
    expect(late.crawler.progress().updated).toBe(100)

    const early = testCrawl({ input, timeoutMs: 60_000, walkGoesOn: true })
    await early.clock.runUntil(early.crawler.run())
    expect(early.clock.now() - startMs).toBe(60_000)
    expect(early.clock.timers).toBe(0)
  })

  test('that is stopped asks nobody more, and waits for those that it has asked', async () => {
    const input = new Map(range(0, 100).map((number) => known(nodeOf(number))))
    const silent = [...input.keys()].sort().slice(20, 25)
    const { crawler, clock, stop, asks } = testCrawl({
      ...{ input, parallel: 10, walkGoesOn: true },
      answer: (node) => (silent.includes(node.nodeIdHex) ? undefined : node.record),
    })
    const run = crawler.run()
    await clock.advance(250)
    stop()
    await clock.runUntil(run)
    expect(asks).toHaveLength(30)
    expect(clock.timers).toBe(0)
    // Five of the last ten have answered, and the silence of the others is not the second one.
    expect(crawler.progress()).toMatchObject({ updated: 25, removed: 0, nodes: 100 })
    expect([...crawler.nodes.values()].filter(({ score }) => score === 8)).toHaveLength(75)
  })

  test('asks more slowly while this process is too busy, and faster again later', async () => {
    let load = 0.2
    const { crawler, clock, asks } = testCrawl({
      input: new Map(range(0, 6000).map((number) => known(nodeOf(number)))),
      parallel: 200,
      load: () => load,
    })
    const run = crawler.run()
    const asked = async (ms: number): Promise<number> => {
      const before = asks.length
      await clock.advance(ms)
      return asks.length - before
    }
    expect(await asked(50)).toBe(8)
    expect(await asked(1000)).toBeGreaterThan(1000)
    load = 1
    await clock.advance(3000)
    expect(await asked(1000)).toBeLessThanOrEqual(20)
    load = 0.5
    await clock.advance(3000)
    expect(await asked(1000)).toBeGreaterThan(100)
    await clock.runUntil(run)
    expect(crawler.progress()).toMatchObject({ updated: 6000 })
    expect(clock.timers).toBe(0)
  })

  test('fails with what breaks the walk, after those on their way', async () => {
    const { crawler, clock } = testCrawl({
      input: new Map([known(nodeOf(1))]),
      walk: [nodeOf(2)],
      walkBreaks: new Error('no table'),
    })
    await expect(clock.runUntil(crawler.run())).rejects.toThrow('no table')
    expect(crawler.progress()).toMatchObject({ updated: 1, added: 1 })
  })
})

test('a semaphore lets in as many as there is room for, whoever is in a hurry first', async () => {
  const semaphore = createSemaphore(1)
  const order: string[] = []
  await semaphore.enter()
  const entering = [
    semaphore.enter().then(() => order.push('first')),
    semaphore.enter().then(() => order.push('second')),
    semaphore.enter('hurry').then(() => order.push('hurried')),
  ]
  for (const entered of [entering[2], entering[0], entering[1]]) {
    semaphore.leave()
    await entered
  }
  expect(order).toEqual(['hurried', 'first', 'second'])
})

test('failures are forgotten after their time, and the oldest when there are too many', () => {
  const failures = createRecentFailures(1000)
  for (const number of range(0, 20_000)) failures.add(String(number), number / 1000)
  expect([failures.has('0', 20), failures.has('19999', 20), failures.has('19999', 1020)]).toEqual([false, true, false])
})
