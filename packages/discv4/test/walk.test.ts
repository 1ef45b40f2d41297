import type { NodeAddress } from '@ethwire/enr'
import { describe, expect, it } from 'vitest'
import { fetchRecords } from '../src/fetch-records.ts'
import { addressOf, createWorld, type TestNode, type World } from './harness.ts'

async function networkOf(world: World, count: number): Promise<TestNode[]> {
  const nodes = [await world.node(0, '32.0.0.1')]
  for (let number = 1; number < count; number++) {
    const bootnodes = [(nodes[0] as TestNode).localNode.enode]
    nodes.push(await world.node(number, `32.0.${number}.1`, { bootnodes }))
  }
  return nodes
}

/** Reads so many, moving time as needed. */
async function take(world: World, nodes: AsyncIterable<NodeAddress>, count: number): Promise<NodeAddress[]> {
  const taken: NodeAddress[] = []
  const read = async (): Promise<NodeAddress[]> => {
    for await (const node of nodes) {
      taken.push(node)
      if (taken.length === count) break
    }
    return taken
  }
  return await world.clock.runUntil(read())
}

describe('a walk', () => {
  it('meets everybody, with records', async () => {
    const world = createWorld({ latencyMs: 20 })
    const nodes = await networkOf(world, 12)
    const last = nodes.at(-1) as TestNode
    const met = new Map((await take(world, last.randomNodes(), 60)).map((node) => [node.nodeIdHex, node.enr]))
    expect(met.size).toBe(11)
    for (const node of nodes.slice(0, -1)) expect(met.get(node.localNode.nodeIdHex)).toBe(node.localNode.record.text)
  })

  it('without records asks nobody for one', async () => {
    const world = createWorld({ latencyMs: 20 })
    const nodes = await networkOf(world, 4)
    const last = nodes.at(-1) as TestNode
    await take(world, last.randomNodes({ records: false }), 10)
    const asked = last.metrics.value('discover/packets/out/enrRequest')
    // Those of the table's own checks.
    expect(asked).toBeLessThanOrEqual(3)
  })

  it('begins no more than one lookup a second, and none while nobody reads', async () => {
    const world = createWorld()
    const nodes = await networkOf(world, 6)
    const last = nodes.at(-1) as TestNode
    await world.clock.advance(30_000)
    const queries = (): number => last.metrics.value('discover/packets/out/findnode')
    const walk = last.randomNodes({ records: false })[Symbol.asyncIterator]()
    await world.clock.runUntil(walk.next())
    const atFirst = queries()
    await world.clock.advance(60_000)
    expect(queries() - atFirst).toBeLessThanOrEqual(3)
    const before = world.clock.monotonicMs()
    for (let read = 0; read < 50; read++) await world.clock.runUntil(walk.next())
    // Five nodes a lookup.
    expect(world.clock.monotonicMs() - before).toBeGreaterThanOrEqual(8000)
    await walk.return?.()
  })

  it('waits for nodes where there are none yet', async () => {
    const world = createWorld()
    const a = await world.node(0, '32.0.0.1')
    const first = a.randomNodes()[Symbol.asyncIterator]()
    const next = first.next()
    await world.clock.advance(5_000)
    await world.node(1, '32.0.1.1', { bootnodes: [a.localNode.enode] })
    const { value } = await world.clock.runUntil(next)
    expect(value).toMatchObject({ host: '32.0.1.1' })
    await first.return?.()
  })

  it('ends when discovery closes, and throws the reason as soon as it is aborted', async () => {
    const world = createWorld()
    const a = await world.node(0, '32.0.0.1')
    const abort = new AbortController()
    const aborted = a.randomNodes({ signal: abort.signal })[Symbol.asyncIterator]().next()
    const ended = a.nodes()[Symbol.asyncIterator]().next()
    await world.clock.advance(100)
    abort.abort(new Error('enough'))
    // No time goes on.
    await expect(aborted).rejects.toThrow('enough')
    await world.clock.runUntil(a.close())
    expect(await ended).toEqual({ done: true, value: undefined })
    expect(world.clock.timers).toBe(0)
  })

  it('closing waits for no database and no resolver', async () => {
    const world = createWorld()
    const never = new Promise<never>(() => undefined)
    const nodeDatabase = {
      lastPong: () => never,
      lastPing: () => never,
      findFailures: () => never,
      setLastPong: () => undefined,
      setLastPing: () => undefined,
      setFindFailures: () => undefined,
      putNode: () => undefined,
      seeds: () => never,
    }
    const bootnode = (await world.node(1, '32.0.1.1')).localNode.enode.replace('32.0.1.1', 'bootnode.example')
    const resolver = { addresses: () => never, texts: () => never }
    for (const options of [{ nodeDatabase }, { bootnodes: [bootnode], resolver }]) {
      const a = await world.node(0, '32.0.0.1', options)
      const asked = a.findNode(addressOf(1, { ip: '32.0.1.1', port: 30303 }), new Uint8Array(64))
      await world.clock.advance(1000)
      expect(await asked).toBeInstanceOf(Array)
      await a.close()
      await a.ready
    }
  })

  it('readRandomNodes picks from the table', async () => {
    const world = createWorld()
    const nodes = await networkOf(world, 6)
    await world.clock.advance(30_000)
    const [a] = nodes as [TestNode]
    const picked = a.readRandomNodes(3).map(({ host }) => host)
    expect(new Set(picked).size).toBe(3)
    expect(a.readRandomNodes(100)).toHaveLength(5)
  })

  it('resolve finds the newest record: from the node, or where the network knows it to be', async () => {
    const world = createWorld({ latencyMs: 20 })
    const nodes = await networkOf(world, 6)
    await world.clock.advance(30_000)
    const [a, b] = nodes as [TestNode, TestNode]
    const direct = await world.clock.runUntil(a.resolve(b.localNode.enode))
    expect(direct?.enr).toBe(b.localNode.record.text)
    const moved = addressOf(1, { ip: '32.9.9.9', port: 30303 })
    const found = await world.clock.runUntil(a.resolve(moved))
    expect(found).toMatchObject({ host: '32.0.1.1', enr: b.localNode.record.text })
    const nobody = addressOf(77, { ip: '32.9.9.9', port: 30303 })
    expect(await world.clock.runUntil(a.resolve(nobody))).toBeUndefined()
  })

  it('case 12: lookups take in two nodes of a /24, however many are named', async () => {
    const world = createWorld({ latencyMs: 20 })
    const nodes = await networkOf(world, 4)
    const [bootnode] = nodes as [TestNode]
    for (let number = 0; number < 12; number++) {
      await world.node(100 + number, `90.0.0.${number + 1}`, { bootnodes: [bootnode.localNode.enode] })
      await world.clock.advance(500)
    }
    await world.clock.advance(60_000)
    const last = nodes.at(-1) as TestNode
    const found = await world.clock.runUntil(last.lookup(new Uint8Array(64).fill(5)))
    expect(found.filter(({ host }) => host?.startsWith('32.')).length).toBe(3)
    expect(found.filter(({ host }) => host?.startsWith('90.')).length).toBeLessThanOrEqual(2)
  })

  it('lookup tells what it took', async () => {
    const world = createWorld()
    const nodes = await networkOf(world, 6)
    await world.clock.advance(30_000)
    const costs: object[] = []
    const found = await world.clock.runUntil(
      (nodes[0] as TestNode).lookup(new Uint8Array(64), { onDone: (cost) => costs.push(cost) }),
    )
    expect(found).toHaveLength(5)
    expect(costs).toEqual([{ queries: 5, hops: 0 }])
  })
})

describe('records of a walk', () => {
  it('are asked for sixteen at a time, and come in the order of their answers', async () => {
    const nodes = Array.from({ length: 40 }, (_, n) => addressOf(n, { ip: '32.0.0.1', port: n + 1 }))
    let read = 0
    async function* source(): AsyncGenerator<NodeAddress, void> {
      for (const node of nodes) {
        read++
        yield node
      }
    }
    const fetching: ((node: NodeAddress | undefined) => void)[] = []
    const fetch = (): Promise<NodeAddress | undefined> =>
      new Promise((resolve) => {
        fetching.push(resolve)
      })
    const records = fetchRecords(source(), fetch)
    const first = records.next()
    for (let turn = 0; turn < 100; turn++) await Promise.resolve()
    expect(fetching).toHaveLength(16)
    expect(read).toBe(16)
    fetching[5]?.(nodes[5])
    expect((await first).value).toBe(nodes[5])
    fetching[3]?.(undefined)
    fetching[0]?.(nodes[0])
    expect((await records.next()).value).toBe(nodes[0])
    await records.return()
  })

  it('that are known are not asked for', async () => {
    async function* source(): AsyncGenerator<NodeAddress, void> {
      yield { ...addressOf(1, { ip: '32.0.0.1', port: 1 }), record: {} as never }
    }
    const all: NodeAddress[] = []
    for await (const node of fetchRecords(source(), () => Promise.reject(new Error('asked')))) all.push(node)
    expect(all).toHaveLength(1)
  })
})
