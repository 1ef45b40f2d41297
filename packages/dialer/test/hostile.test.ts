import type { NodeAddress } from '@ethwire/enr'
import { sleep } from '@ethwire/io'
import { parseNetlist } from '@ethwire/netutil'
import {
  createSeededRandom,
  createStoppableClock,
  createVirtualClock,
  type StoppableClock,
  type VirtualClock,
} from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import {
  createDialScheduler,
  createDialScheduler2018,
  createReputation,
  type DialScheduler,
  type DialScheduler2018Options,
  type NodeProvider,
} from '../src/index.ts'
import { id, node, nodes } from './support.ts'

const MINUTE_MS = 60_000

/** A node's connections: it dials the nodes that discovery knows, some of which answer. */
interface World {
  readonly time: VirtualClock
  readonly clock: StoppableClock
  readonly scheduler: DialScheduler
  /** Whether a node is there. */
  answers: (node: NodeAddress) => boolean
  readonly connected: Set<string>
  /** Ends all connections, as a read deadline does. */
  loseAll(): void
  /** Dials since the last call, in all and in the busiest second. */
  takeDials(): { count: number; inOneSecond: number }
  /** The most dials that were under way at once. */
  readonly mostActive: number
}

function createWorld(
  create: (options: DialScheduler2018Options) => DialScheduler,
  known: NodeAddress[],
  options: Partial<DialScheduler2018Options> = {},
  { time = createVirtualClock(), restMs = 5_000 }: { time?: VirtualClock; restMs?: number } = {},
): World {
  const clock = createStoppableClock(time)
  const random = createSeededRandom(5)
  const connected = new Set<string>()
  let perSecond = new Map<number, number>()
  let active = 0
  let next = 0
  const some = (count: number): NodeAddress[] =>
    Array.from({ length: Math.min(count, known.length) }, () => known[next++ % known.length] as NodeAddress)
  const source: NodeProvider = {
    async *nodes({ signal } = {}) {
      for (;;) {
        yield* some(100)
        await sleep(clock, restMs, signal && { signal })
      }
    },
    readRandomNodes: some,
    async lookup(_, { signal } = {}) {
      await sleep(clock, 500, signal && { signal })
      return some(16)
    },
    resolve: async () => undefined,
  }
  const world: World = {
    ...{ time, clock, connected, answers: () => true, mostActive: 0 },
    scheduler: create({
      ...{ clock, random, self: id(0), maxDialed: 40, sources: [source] },
      async dial(address, { signal }) {
        const second = Math.floor(time.monotonicMs() / 1_000)
        perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
        Object.assign(world, { mostActive: Math.max(world.mostActive, ++active) })
        await sleep(clock, 50, { signal })
        active--
        if (!world.answers(address)) return 'unreachable'
        connected.add(address.nodeIdHex)
        world.scheduler.peerAdded({ nodeIdHex: address.nodeIdHex, dialed: true })
        return 'connected'
      },
      ...options,
    }),
    loseAll() {
      for (const nodeIdHex of connected) world.scheduler.peerRemoved({ nodeIdHex, dialed: true })
      connected.clear()
    },
    takeDials() {
      const counts = [...perSecond.values()]
      perSecond = new Map()
      return { count: counts.reduce((sum, count) => sum + count, 0), inOneSecond: Math.max(0, ...counts) }
    },
  }
  return world
}

async function end({ time, scheduler }: World): Promise<void> {
  await time.runUntil(scheduler.close())
  expect(time.timers).toBe(0)
}

const policies = [
  { policy: '2026', create: createDialScheduler, maxActive: 50 },
  { policy: '2018', create: createDialScheduler2018, maxActive: 16 },
]

describe.each(policies)('under the policy of $policy', ({ create, maxActive }) => {
  test('case 57: nobody outside netrestrict is dialled, whoever names it', async () => {
    const inside = nodes(1, 20).map((_, index) => node(index + 1, `10.0.0.${index + 1}`))
    const netRestrict = parseNetlist('10.0.0.0/24')
    const dialled = new Set<string | undefined>()
    const world = createWorld(create, [...nodes(101, 140), ...inside], { netRestrict })
    world.answers = ({ host }) => {
      dialled.add(host)
      return false
    }
    for (const address of nodes(201, 203)) expect(world.scheduler.addStatic(address)).toBe('netrestrict')
    await world.time.advance(10 * MINUTE_MS)
    expect([...dialled].sort()).toEqual(inside.map(({ host }) => host).sort())
    await end(world)
  })

  test('case 58: dials of 1,000 dead nodes are bounded, at a time and in a second, and become fewer', async () => {
    const world = createWorld(create, nodes(1, 1_000), { maxDialed: 16 })
    world.answers = () => false
    const perMinute: number[] = []
    for (let minute = 0; minute < 40; minute++) {
      await world.time.advance(MINUTE_MS)
      const { count, inOneSecond } = world.takeDials()
      expect(inOneSecond).toBeLessThanOrEqual(maxActive + 10)
      perMinute.push(count)
    }
    expect(world.mostActive).toBeLessThanOrEqual(Math.min(maxActive, 32))
    expect(perMinute[0]).toBeGreaterThan(200)
    expect(Math.max(...perMinute)).toBeLessThanOrEqual(maxActive + 600)
    // Each of the 1,000 is tried once in 10 to 15 min by now.
    const last = perMinute.slice(-10).reduce((sum, count) => sum + count, 0)
    expect(last).toBeLessThanOrEqual(1_100)
    expect(last).toBeGreaterThan(400)
    await end(world)
  })

  test('case 59: with all bootnodes dead, a node that is known besides is found within a minute', async () => {
    const world = createWorld(create, nodes(1, 40), { maxDialed: 10, bootnodes: nodes(1, 20) })
    const living = new Set(nodes(39, 40).map(({ nodeIdHex }) => nodeIdHex))
    world.answers = ({ nodeIdHex }) => living.has(nodeIdHex)
    await world.time.advance(MINUTE_MS)
    expect(world.connected).toEqual(living)
    await end(world)
  })

  test('case 68: after 10 min without a network, the peers are back within 2 min, without a storm', async () => {
    const world = createWorld(create, nodes(1, 40))
    await world.time.advance(5 * MINUTE_MS)
    expect(world.connected.size).toBe(40)
    world.answers = () => false
    world.loseAll()
    world.takeDials()
    await world.time.advance(10 * MINUTE_MS)
    world.answers = () => true
    await world.time.advance(2 * MINUTE_MS)
    expect(world.connected.size).toBeGreaterThanOrEqual(32)
    const { count, inOneSecond } = world.takeDials()
    expect(inOneSecond).toBeLessThanOrEqual(maxActive + 10)
    expect(count).toBeLessThanOrEqual(40 * (720 / 30 + 1))
    await end(world)
  })

  test('case 68: nor is anybody banned for it, where there is a reputation', async () => {
    const time = createVirtualClock()
    const reputation = createReputation({ clock: time })
    const world = createWorld(create, nodes(1, 40), { reputation }, { time })
    await world.time.advance(5 * MINUTE_MS)
    world.answers = () => false
    world.loseAll()
    await world.time.advance(10 * MINUTE_MS)
    world.answers = () => true
    await world.time.advance(2 * MINUTE_MS)
    expect(world.connected.size).toBeGreaterThanOrEqual(32)
    expect(reputation.state()).toMatchObject({ bannedNodes: 0, scoredNodes: 0 })
    await end(world)
  })

  test('case 70: a process that was stopped for 10 min makes no storm of dials, and has its peers back in 2 min', async () => {
    const world = createWorld(create, nodes(1, 60))
    for (const address of nodes(501, 600)) world.scheduler.addStatic(address)
    world.answers = ({ nodeIdHex }) => nodeIdHex < '80'
    await world.time.advance(5 * MINUTE_MS)
    const before = world.connected.size
    expect(before).toBeGreaterThan(20)
    world.takeDials()
    world.clock.stop()
    await world.time.advance(10 * MINUTE_MS)
    world.clock.resume()
    // Each peer's read deadline has passed, too.
    world.loseAll()
    await world.time.advance(2 * MINUTE_MS)
    const { count, inOneSecond } = world.takeDials()
    expect(inOneSecond).toBeLessThanOrEqual(maxActive + 10)
    expect(count).toBeLessThanOrEqual(maxActive + 10 * 120)
    expect(world.connected.size).toBeGreaterThanOrEqual(0.8 * before)
    await end(world)
  })
})

describe('a reputation', () => {
  test.each(policies)(
    'keeps the dialler from banned nodes and from nodes at banned addresses ($policy)',
    async (it) => {
      const time = createVirtualClock()
      const reputation = createReputation({ clock: time })
      const known = [1, 2, 3].map((n) => node(n, `8.8.8.${n}`))
      const world = createWorld(it.create, known, { reputation }, { time })
      reputation.ban({ nodeIdHex: id(1) })
      reputation.ban({ ip: '8.8.8.2' })
      world.scheduler.addStatic(node(4, '8.8.8.2'))
      await world.time.advance(MINUTE_MS)
      expect([...world.connected].sort()).toEqual([id(3), id(4)].sort())
      expect(world.scheduler.explain(id(1)).state).toBe('banned')
      expect(world.scheduler.state().refused.banned).toBeGreaterThan(1)
      await end(world)
    },
  )

  test.each(policies)(
    'leaves dead nodes alone for longer and longer, and bans them ($policy)',
    async ({ create, maxActive }) => {
      const time = createVirtualClock()
      const reputation = createReputation({ clock: time })
      const world = createWorld(create, nodes(1, 40), { reputation }, { time, restMs: MINUTE_MS })
      world.answers = ({ nodeIdHex }) => nodeIdHex === id(1)
      await time.advance(10 * MINUTE_MS)
      const { count } = world.takeDials()
      expect(count).toBeGreaterThanOrEqual(40)
      expect(count).toBeLessThanOrEqual(41 + maxActive)
      expect(reputation.state()).toMatchObject({ bannedNodes: 0 })
      await time.advance(5 * 60 * MINUTE_MS)
      expect(reputation.state().bannedNodes).toBe(39)
      expect(world.connected).toEqual(new Set([id(1)]))
      await end(world)
    },
  )
})
