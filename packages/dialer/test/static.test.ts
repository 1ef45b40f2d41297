import { ipEntry, type NodeAddress, nodeFromEnode, nodeFromRecord, signRecord, tcpEntry } from '@ethwire/enr'
import { describe, expect, test } from 'vitest'
import { createDialScheduler, createDialScheduler2018, type NetRestrict } from '../src/index.ts'
import { createRig, FAR, id, node, nodes, type Rig, type RigOptions } from './support.ts'

const policies = [
  { policy: '2026', createScheduler: createDialScheduler, redialMs: 35_000 },
  { policy: '2018', createScheduler: createDialScheduler2018, redialMs: 30_000 },
]

const NAME = 'node.example'
const ELSEWHERE = '8.8.4.4'

describe.each(policies)('a static node, under the policy of $policy,', ({ policy, createScheduler, redialMs }) => {
  // The scheduler of 2018 looks up candidates while it has room, and these lookups last as long as the test lets them.
  const maxDialed = policy === '2018' ? 0 : 50
  const create = (options: RigOptions = {}): Rig => createRig({ maxDialed, ...options }, undefined, createScheduler)

  /** The places where the node is tried, with how each try ends, until one does not begin. */
  async function tries(rig: Rig, outcomes: Parameters<Rig['end']>[1][]): Promise<string[]> {
    const places: string[] = []
    for (const outcome of outcomes) {
      await rig.clock.settle()
      places.push(...rig.takeDials())
      if (rig.active > 0) rig.end(1, outcome)
    }
    await rig.clock.settle()
    return [...places, ...rig.takeDials()]
  }

  test('is dialled by its name each time, so that the name is looked up each time', async () => {
    const rig = create()
    rig.scheduler.addStatic(node(1, NAME))
    for (let i = 0; i < 3; i++) {
      expect(await tries(rig, ['unreachable'])).toEqual([`1@${NAME}`])
      await rig.clock.advance(redialMs)
    }
  })

  test('that is not reached is tried where discovery finds it, and from then on there first', async () => {
    const rig = create()
    rig.scheduler.addStatic(node(1, NAME))
    rig.answers.set(id(1), node(1, ELSEWHERE))
    expect(await tries(rig, ['unreachable', 'full'])).toEqual([`1@${NAME}`, `1@${ELSEWHERE}`])
    await rig.clock.advance(redialMs)
    expect(await tries(rig, ['unreachable', 'full'])).toEqual([`1@${ELSEWHERE}`, `1@${NAME}`])
    await rig.clock.advance(redialMs)
    expect(await tries(rig, ['connected'])).toEqual([`1@${NAME}`])
    expect(rig.lookedUp).toHaveLength(1)
  })

  test('in whose place another one answers is looked for elsewhere', async () => {
    const rig = create()
    rig.scheduler.addStatic(node(1, FAR))
    rig.answers.set(id(1), node(1, ELSEWHERE))
    expect(await tries(rig, ['stranger', 'connected'])).toEqual([`1@${FAR}`, `1@${ELSEWHERE}`])
    expect(rig.scheduler.explain(id(1)).state).toBe('connected')
  })

  test('that is there and refuses is not looked for elsewhere, and is dialled again', async () => {
    const rig = create()
    rig.scheduler.addStatic(node(1, FAR))
    rig.answers.set(id(1), node(1, ELSEWHERE))
    for (const outcome of ['full', 'failed', 'full', 'full', 'full', 'connected'] as const) {
      expect(await tries(rig, [outcome])).toEqual([`1@${FAR}`])
      await rig.clock.advance(redialMs)
    }
    expect(rig.lookedUp).toEqual([])
    expect(rig.scheduler.explain(id(1)).state).toBe('connected')
  })

  test('goes where its user says anew', async () => {
    const rig = create()
    rig.scheduler.addStatic(node(1, FAR))
    expect(await tries(rig, ['unreachable'])).toEqual([`1@${FAR}`])
    expect(rig.scheduler.addStatic(node(1, ELSEWHERE))).toBeUndefined()
    await rig.clock.advance(redialMs)
    expect(await tries(rig, ['connected'])).toEqual([`1@${ELSEWHERE}`])
  })

  test('case 57: is not tried outside netrestrict, wherever discovery says it is', async () => {
    const netRestrict: NetRestrict = { contains: (ip) => (typeof ip === 'string' ? ip : ip.text).startsWith('10.') }
    const rig = create({ netRestrict })
    rig.scheduler.addStatic(node(1, '10.0.0.1'))
    rig.answers.set(id(1), node(1, ELSEWHERE))
    expect(await tries(rig, ['unreachable'])).toEqual(['1@10.0.0.1'])
    expect(rig.takeRefusals()).toContain('1 netrestrict')
    await rig.clock.advance(redialMs)
    expect(await tries(rig, ['unreachable'])).toEqual(['1@10.0.0.1'])
  })

  test('is told from another one at the same address by its key alone', async () => {
    const rig = create()
    rig.scheduler.addStatic(node(1, FAR))
    rig.scheduler.addStatic(node(2, FAR))
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual([`1@${FAR}`, `2@${FAR}`])
    rig.end(1, 'connected')
    rig.end(2, 'stranger')
    await rig.clock.advance(redialMs)
    expect(rig.takeDials()).toEqual([`2@${FAR}`])
  })

  test('case 24: is dialled again at other times by each of two nodes that clashed', async () => {
    const waits = [1, 2, 3, 4, 5, 6].map((seed) => {
      const random = { bytes: (n: number) => new Uint8Array(n).fill(seed * 40) }
      return create({ redialJitter: 0.5, random })
    })
    const gaps: number[] = []
    for (const rig of waits) {
      rig.scheduler.addStatic(node(1, FAR))
      await tries(rig, ['failed'])
      gaps.push(rig.scheduler.explain(id(1)).retryInMs)
    }
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(redialMs)
    expect(Math.max(...gaps)).toBeLessThan(redialMs * 1.5)
    const sorted = gaps.sort((one, other) => one - other)
    expect((sorted.at(-1) as number) - (sorted[0] as number)).toBeGreaterThan(10_000)
  })
})

describe('a newer record of a static node that a source names', () => {
  const privateKey = new Uint8Array(32).fill(7)
  const at = (ip: string, seq: bigint): NodeAddress =>
    nodeFromRecord(signRecord({ seq, privateKey, entries: [ipEntry.of(ip), tcpEntry.of(30303)] }))
  const { publicKey, nodeIdHex } = at(FAR, 1n)
  const given = nodeFromEnode({ publicKey, host: FAR, tcpPort: 30303, udpPort: 30303 })

  async function dialledAfter(told: (rig: Rig) => Promise<void>, create = createDialScheduler): Promise<string[]> {
    const hosts: string[] = []
    const rig = createRig(
      {
        dial: async ({ host }) => {
          hosts.push(`${host}`)
          return 'unreachable'
        },
      },
      undefined,
      create,
    )
    rig.scheduler.addStatic(given)
    await rig.clock.settle()
    await told(rig)
    await rig.clock.advance(35_000)
    return hosts
  }

  test('says where to look for it first', async () => {
    const hosts = await dialledAfter(async (rig) => void rig.found.push(at(ELSEWHERE, 2n)))
    expect(hosts).toEqual([FAR, ELSEWHERE, FAR])
  })

  test('counts when a lookup of the scheduler of 2018 finds it, too', async () => {
    const hosts = await dialledAfter(async (rig) => {
      rig.lookups[0]?.([at(ELSEWHERE, 2n)])
      for (let i = 0; i < 8; i++) {
        await rig.clock.advance(4_000)
        rig.lookups.at(-1)?.([])
      }
    }, createDialScheduler2018)
    expect(hosts).toEqual([FAR, ELSEWHERE, FAR])
  })

  test('does not count when it is older, unsigned, without an address, or outside netrestrict', async () => {
    const hosts = await dialledAfter(async (rig) => {
      rig.found.push(at(FAR, 5n))
      rig.found.push(at(ELSEWHERE, 4n))
      rig.found.push(nodeFromEnode({ publicKey, host: ELSEWHERE, tcpPort: 30303, udpPort: 30303 }))
      rig.found.push(nodeFromRecord(signRecord({ seq: 6n, privateKey, entries: [] })))
      await rig.clock.settle()
    })
    expect(hosts).toEqual([FAR, FAR])
  })

  test('is used when it comes without an address being known before', async () => {
    const rig = createRig()
    rig.scheduler.addStatic(nodeFromEnode({ publicKey, tcpPort: 0, udpPort: 0 }))
    await rig.clock.settle()
    rig.found.push(at(ELSEWHERE, 1n))
    await rig.clock.advance(35_000)
    expect(rig.scheduler.explain(nodeIdHex).state).toBe('dialing')
  })
})

describe('a trusted static node', () => {
  test.each(policies)('that refuses for an hour gets in when there is room ($policy)', async ({ createScheduler }) => {
    let hasRoom = false
    const rig = createRig(
      {
        ...{ maxDialed: 3, sources: [] },
        async dial({ nodeIdHex }) {
          if (hasRoom) rig.scheduler.peerAdded({ nodeIdHex, dialed: true })
          return hasRoom ? 'connected' : 'full'
        },
      },
      undefined,
      createScheduler,
    )
    for (const address of nodes(1, 3)) rig.scheduler.addStatic(address)
    await rig.clock.advance(60 * 60_000)
    expect(rig.scheduler.state().dialedPeers).toBe(0)
    hasRoom = true
    await rig.clock.advance(36_000)
    expect(rig.scheduler.state().dialedPeers).toBe(3)
  })
})
