import { describe, expect, test } from 'vitest'
import { createDialScheduler2018, type NodeProvider } from '../src/index.ts'
import { createRig, FAR, id, node, nodes, type Rig, type RigOptions } from './support.ts'

const create = (options: RigOptions = {}): Rig => createRig(options, undefined, createDialScheduler2018)
const at = (...numbers: number[]): string[] => numbers.map((n) => `${n}@${FAR}`).sort()

describe('the scheduler of 2018', () => {
  test('says at once what a source lacks, and which', () => {
    const whole: NodeProvider = {
      ...{ nodes: async function* () {}, readRandomNodes: () => [] },
      ...{ lookup: async () => [], resolve: async () => undefined },
    }
    const { lookup: _, ...noLookup } = { ...whole, name: 'a table' }
    async function* list(): AsyncGenerator<never> {}
    expect(() => create({ sources: [whole, noLookup, list()] })).toThrow(
      new TypeError(
        'the dial scheduler of 2018 needs sources with readRandomNodes, lookup, resolve, as discovery v4 is one: ' +
          'a table has no lookup; source 3 has no readRandomNodes, no lookup, no resolve',
      ),
    )
    for (const sources of [[], [whole]]) expect(() => create({ sources })).not.toThrow()
  })

  test('dials candidates of the table and of lookups, and never more than are missing', async () => {
    const rig = create({ maxDialed: 5 })
    rig.table.push(...nodes(1, 8))
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(1, 2))
    expect(rig.lookups).toHaveLength(1)
    rig.lookups[0]?.(nodes(11, 20))
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(11, 12, 13))
    expect(rig.scheduler.state()).toMatchObject({ freeSlots: 0, dialedPeers: 0 })
    rig.end(1, 'connected')
    rig.end(11, 'connected')
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual([])
    rig.end(2, 'unreachable')
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(14))
    rig.scheduler.peerRemoved({ nodeIdHex: id(11), dialed: true })
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(15))
  })

  test('dials static nodes besides, which take no place of candidates', async () => {
    const rig = create({ maxDialed: 2 })
    for (const address of nodes(1, 5)) rig.scheduler.addStatic(address)
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(1, 2, 3, 4, 5))
    for (const n of [1, 2, 3, 4, 5]) rig.end(n, 'connected')
    rig.lookups[0]?.(nodes(11, 13))
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(11, 12))
    expect(rig.scheduler.state()).toMatchObject({ dialedPeers: 5, freeSlots: 0 })
  })

  test('runs 16 tasks at a time, and keeps the others waiting', async () => {
    const rig = create({ maxDialed: 0 })
    for (const address of nodes(1, 40)) rig.scheduler.addStatic(address)
    await rig.clock.settle()
    expect(rig.active).toBe(16)
    rig.end(1, 'failed')
    await rig.clock.advance(1_000)
    expect(rig.active).toBe(16)
    expect(rig.takeDials()).toHaveLength(17)
  })

  test('begins lookups 4 s apart, one at a time', async () => {
    const rig = create({ maxDialed: 5 })
    const startsMs: number[] = []
    for (let i = 0; i < 4; i++) {
      while (rig.lookups.length === i) await rig.clock.advance(100)
      startsMs.push(rig.clock.monotonicMs())
      if (i === 2) await rig.clock.advance(7_000)
      rig.lookups[i]?.([])
    }
    expect(startsMs.map((ms) => Math.round(ms / 1_000))).toEqual([0, 4, 8, 15])
  })

  test('goes on after a lookup that fails', async () => {
    let lookups = 0
    const { clock } = create({
      sources: [
        {
          ...{ nodes: async function* () {}, readRandomNodes: () => [], resolve: async () => undefined },
          lookup: () => (lookups++ === 0 ? Promise.reject(new Error('no')) : Promise.resolve([])),
        },
      ],
    })
    await clock.advance(20_000)
    expect(lookups).toBe(6)
  })

  test('dials bootnodes in turn while there is no peer, from 20 s after the start', async () => {
    const rig = create({ maxDialed: 3, bootnodes: nodes(1, 2) })
    await rig.clock.advance(20_000)
    expect(rig.takeDials()).toEqual([])
    await rig.clock.advance(1)
    rig.lookups[0]?.([])
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(1))
    rig.end(1, 'unreachable')
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(2))
    rig.end(2, 'connected')
    await rig.clock.advance(60_000)
    expect(rig.takeDials()).toEqual([])
  })

  test('takes the bootnodes of its sources where it is given no others', async () => {
    const source: NodeProvider = {
      ...{ bootnodes: nodes(1, 1), nodes: async function* () {}, readRandomNodes: () => [] },
      ...{ lookup: async () => [], resolve: async () => undefined },
    }
    const rig = create({ sources: [source, { ...source, bootnodes: nodes(2, 2) }] })
    await rig.clock.advance(28_000)
    expect(rig.takeDials()).toEqual(at(1, 2))
  })

  test('dials a node again 30 s after its last dial was over, and one that was removed and added again at once', async () => {
    const rig = create({ maxDialed: 0 })
    rig.scheduler.addStatic(node(1, FAR))
    await rig.clock.advance(10_000)
    rig.end(1, 'failed')
    await rig.clock.advance(29_999)
    expect(rig.takeDials()).toEqual(at(1))
    await rig.clock.advance(1)
    expect(rig.takeDials()).toEqual(at(1))
    rig.end(1, 'failed')
    await rig.clock.settle()
    rig.scheduler.removeStatic(id(1))
    rig.scheduler.addStatic(node(1, FAR))
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(1))
  })

  test('looks a static node up at once, and then later and later, up to an hour', async () => {
    const rig = create({ maxDialed: 0 })
    rig.scheduler.addStatic(node(1))
    const gaps: number[] = []
    let lastMs = 0
    for (let i = 0; i < 10; i++) {
      const before = rig.lookedUp.length
      while (rig.lookedUp.length === before) await rig.clock.advance(10_000)
      gaps.push(Math.round((rig.clock.monotonicMs() - lastMs) / 60_000))
      lastMs = rig.clock.monotonicMs()
    }
    expect(gaps).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60, 60])
  })

  test('does not dial a node whose connection comes in, nor one that was planned and has become a peer meanwhile', async () => {
    const rig = create({ maxDialed: 0, maxActiveDials: 2 })
    for (const address of nodes(1, 4)) rig.scheduler.addStatic(address)
    await rig.clock.settle()
    rig.scheduler.inboundPending(id(3))
    rig.scheduler.peerAdded({ nodeIdHex: id(4), dialed: false })
    rig.end(1, 'failed')
    rig.end(2, 'failed')
    await rig.clock.advance(1_000)
    expect(rig.takeDials()).toEqual(at(1, 2))
    rig.scheduler.inboundDone(id(3))
    await rig.clock.settle()
    expect(rig.takeDials()).toEqual(at(3))
  })
})
