import { createSimulationClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { createWorld, type TestNode, type World } from './harness.ts'
import { standInCrypto } from './stand-in-crypto.ts'

/** A network that has found itself. */
async function settled(world: World, count: number): Promise<TestNode[]> {
  const nodes = [await world.node(0, '32.0.0.1')]
  const bootnodes = [(nodes[0] as TestNode).localNode.enode]
  for (let number = 1; number < count; number++) {
    nodes.push(await world.node(number, `32.${number >> 8}.${number & 255}.1`, { bootnodes }))
    await world.clock.advance(100)
  }
  await world.clock.advance(60_000)
  return nodes
}

const live = (node: TestNode): string[] =>
  node.table().flatMap(({ nodes }) => nodes.filter(({ isLive }) => isLive).map(({ entry }) => entry.host ?? ''))

const distanceTo =
  (id: Uint8Array) =>
  ({ nodeId }: { readonly nodeId: Uint8Array }): string =>
    Buffer.from(nodeId.map((byte, index) => byte ^ (id[index] ?? 0))).toString('hex')

describe('faults of clock and network', () => {
  it('case 67: a wall clock that steps by a minute or a day, forward or back, disturbs no timer and bans nobody', async () => {
    const world = createWorld({ latencyMs: 20 })
    const [a, b] = (await settled(world, 2)) as [TestNode, TestNode]
    for (const step of [60_000, -120_000, 86_400_000, -172_800_000, 86_460_000]) {
      world.clock.stepWallClock(step)
      await world.clock.advance(10_000)
      expect(live(a)).toEqual(['32.0.1.1'])
      expect(live(b)).toEqual(['32.0.0.1'])
    }
  })

  it('case 67: a node whose clock is wrong by itself has no answers, and is told so', async () => {
    const world = createWorld({ latencyMs: 20 })
    const a = await world.node(0, '32.0.0.1')
    let unanswered = 0
    const slow = { ...world.clock, now: () => world.clock.now() - 60_000 }
    const b = await world.node(1, '32.0.1.1', {
      clock: slow,
      bootnodes: [a.localNode.enode],
      driftCheck: {
        timedOut: () => {
          unanswered++
        },
        answered: () => {
          unanswered = 0
        },
      },
    })
    await world.clock.advance(120_000)
    expect(a.metrics.value('discover/drop/expired')).toBeGreaterThan(0)
    expect(unanswered).toBeGreaterThan(5)
    expect(live(b)).toEqual([])
  })

  it('case 68: after ten minutes of partition 80 % of the nodes are back within two, without a storm', async () => {
    const world = createWorld({ latencyMs: [20, 80], clock: createSimulationClock() })
    const nodes = await settled(world, 12)
    const group = (ip: string): number => Number(ip.split('.')[2]) % 2
    const before = nodes.map((node) => live(node).length)
    world.network.partition(group)
    await world.clock.advance(600_000)
    for (const node of nodes) expect(live(node).every((ip) => group(ip) === group(node.local.ip))).toBe(true)
    world.network.heal()
    const sent = world.network.counters.sentPackets
    await world.clock.advance(120_000)
    const after = nodes.map((node) => live(node).length)
    const share = after.map((count, index) => count / (before[index] ?? 1))
    expect(Math.min(...share)).toBeGreaterThanOrEqual(0.8)
    // Two minutes: below 20 packets a second of each.
    expect((world.network.counters.sentPackets - sent) / nodes.length / 120).toBeLessThan(20)
  })

  it('case 69: with 20 % loss, reordering and duplication 95 % of lookups are right; nobody is lost', async () => {
    const world = createWorld({
      latencyMs: [20, 120],
      lossPercent: 20,
      reorderPercent: 10,
      duplicatePercent: 10,
      clock: createSimulationClock(),
    })
    const nodes = await settled(world, 20)
    // Of two pings to a node that lives, each with its answer, both are lost one time in eight: some are always being met
    // anew. How many depends on the order of packets, so all nodes are counted at many times: most others are there, live.
    let liveCount = 0
    let tableCount = 0
    for (let times = 0; times < 20; times++) {
      await world.clock.advance(15_000)
      for (const node of nodes) {
        liveCount += live(node).length
        tableCount += node.table().flatMap((bucket) => bucket.nodes).length
      }
    }
    expect(liveCount / 20 / nodes.length).toBeGreaterThan(12)
    expect(liveCount / tableCount).toBeGreaterThan(0.98)
    let right = 0
    const count = 100
    for (let number = 0; number < count; number++) {
      const target = world.crypto.publicKey(new Uint8Array(32).fill(number + 1))
      const distance = distanceTo(standInCrypto.keccak256(target))
      const looker = nodes[number % nodes.length] as TestNode
      const others = nodes.filter((node) => node !== looker).map(({ nodeAddress }) => nodeAddress)
      const [nearest] = others.sort((x, y) => (distance(x) < distance(y) ? -1 : 1))
      const [found] = await world.clock.runUntil(looker.lookup(target))
      if (found?.nodeIdHex === nearest?.nodeIdHex) right++
    }
    expect(right).toBeGreaterThanOrEqual(95)
    // Nobody is banned by anybody: once the network is well, all have all others.
    world.network.setFaults({ lossPercent: 0, reorderPercent: 0, duplicatePercent: 0 })
    await world.clock.runUntil(Promise.all(nodes.map((node) => node.refresh())))
    await world.clock.advance(30_000)
    for (const node of nodes) expect(live(node)).toHaveLength(19)
  })

  it('case 70: a process that was stopped for ten minutes goes on as if nothing had been', async () => {
    const world = createWorld({ latencyMs: 20 })
    // A stopped process sees time jump: nothing of its own ran meanwhile, and packets have come.
    let isStopped = false
    const waiting: (() => void)[] = []
    const resume = (): void => {
      isStopped = false
      for (const run of waiting.splice(0)) run()
    }
    const clock = {
      now: () => world.clock.now(),
      monotonicMs: () => world.clock.monotonicMs(),
      setTimer: (delayMs: number, callback: () => void) =>
        world.clock.setTimer(delayMs, () => void (isStopped ? waiting.push(callback) : callback())),
    }
    const others = await settled(world, 10)
    const [bootnode] = others as [TestNode]
    const stopped = await world.node(50, '32.0.50.1', { clock, bootnodes: [bootnode.localNode.enode] })
    await world.clock.advance(60_000)
    const before = live(stopped).length
    expect(before).toBe(10)
    world.network.partition((ip) => ip === '32.0.50.1')
    isStopped = true
    await world.clock.advance(600_000)
    world.network.heal()
    resume()
    await world.clock.advance(30_000)
    expect(live(stopped).length).toBeGreaterThanOrEqual(before - 1)
    await world.clock.advance(90_000)
    expect(live(stopped)).toHaveLength(10)
    expect(live(bootnode)).toContain('32.0.50.1')
  })
})
