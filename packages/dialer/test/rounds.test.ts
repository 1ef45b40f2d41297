import { createSeededRandom } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import type { NetRestrict } from '../src/index.ts'
import { FAR, node, nodes, type Round, runRounds } from './support.ts'

const only = (prefix: string): NetRestrict => ({
  contains: (ip) => (typeof ip === 'string' ? ip : ip.text).startsWith(prefix),
})

/** What the scheduler does, as geth's does it; each table is rounds of 16 s. */
const tables: { behaviour: string; options: Parameters<typeof runRounds>[0]; rounds: Round[] }[] = [
  {
    behaviour: 'candidates are dialled for twice the peers that are missing, and wait while there is no slot',
    options: { maxActiveDials: 5, maxDialed: 4 },
    rounds: [
      { dialed: [0, 1, 2], discovered: [node(0, FAR), node(2, FAR), ...nodes(3, 8)], dials: [3, 4] },
      { failed: [4], dials: [5] },
      { succeeded: [3], failed: [5], discovered: nodes(9, 9) },
      { removed: { dialed: [0, 1, 2] }, discovered: nodes(10, 15), dials: [6, 7, 8, 9, 10] },
    ],
  },
  {
    behaviour: 'candidates outside netrestrict are not dialled',
    options: { maxActiveDials: 10, maxDialed: 10, netRestrict: only('127.0.2.') },
    rounds: [
      {
        discovered: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => node(n, `127.0.${n > 4 ? 2 : 0}.${n}`)),
        dials: ['5@127.0.2.5', '6@127.0.2.6', '7@127.0.2.7', '8@127.0.2.8'],
      },
      { succeeded: [5, 6, 7, 8] },
    ],
  },
  {
    behaviour: 'static nodes are dialled within the same slots, and not while they are connected',
    options: { maxActiveDials: 5, maxDialed: 4 },
    rounds: [
      {
        dialed: [1, 2],
        update: (scheduler) => nodes(1, 6).forEach(scheduler.addStatic),
        dials: [3, 4, 5, 6],
      },
      {
        succeeded: [3],
        failed: [4, 5, 6],
        update: (scheduler) => nodes(8, 9).forEach(scheduler.addStatic),
        resolves: [4, 5, 6].map((n) => [n, undefined]),
        dials: [8, 9],
      },
      { removed: { dialed: [1] }, inbound: [7], update: (scheduler) => scheduler.addStatic(node(7, FAR)) },
    ],
  },
  {
    behaviour: 'static nodes come before candidates',
    options: { maxActiveDials: 2, maxDialed: 1 },
    rounds: [
      { dialed: [0], discovered: nodes(1, 3), update: (scheduler) => nodes(11, 12).forEach(scheduler.addStatic) },
      { removed: { dialed: [0] }, dials: [11, 12] },
      { failed: [11, 12], resolves: [11, 12].map((n) => [n, undefined]), dials: [1, 2] },
    ],
  },
  {
    behaviour: 'static nodes that are removed are not dialled any more',
    options: { maxActiveDials: 1, maxDialed: 1 },
    rounds: [
      { update: (scheduler) => scheduler.addStatic(node(1, FAR)), dials: [1] },
      { failed: [1], update: (scheduler) => scheduler.addStatic(node(2, FAR)), resolves: [[1, undefined]], dials: [2] },
      { update: (scheduler) => scheduler.addStatic(node(3, FAR)) },
      { update: (scheduler) => [3, 2, 1].forEach((n) => void scheduler.removeStatic(node(n).nodeIdHex)) },
      {},
      {},
      {},
    ],
  },
  {
    behaviour: 'a static node of the internet is dialled again 35 s after the last time',
    options: { maxActiveDials: 3, maxDialed: 3 },
    rounds: [
      { update: (scheduler) => nodes(1, 3).forEach(scheduler.addStatic), dials: [1, 2, 3] },
      { succeeded: [1, 2], failed: [3], resolves: [[3, undefined]] },
      {},
      { resolves: [[3, undefined]], dials: [3] },
    ],
  },
  {
    behaviour: 'a candidate is dialled again 35 s after the last time, when a source names it again',
    options: { maxActiveDials: 3, maxDialed: 3 },
    rounds: [
      { discovered: nodes(1, 1), dials: [1] },
      { failed: [1], discovered: nodes(1, 1) },
      { discovered: nodes(1, 1) },
      { discovered: nodes(1, 1), dials: [1] },
    ],
  },
  {
    behaviour: 'a static node without an address is looked up, at most once a minute and less often while in vain',
    options: { maxActiveDials: 1, maxDialed: 1 },
    rounds: [
      { update: (scheduler) => scheduler.addStatic(node(1)), resolves: [[1, undefined]] },
      // 35, 70 and 105 s later it is too soon to ask again.
      ...Array.from({ length: 7 }, () => ({ resolves: [[1, node(1, '8.0.0.1')]] as const })),
      { resolves: [[1, node(1, FAR)]] },
      { dials: [1] },
    ],
  },
  {
    behaviour: 'a static node that is not reached is looked up, and tried once more where it has moved to',
    options: { maxActiveDials: 1, maxDialed: 1 },
    rounds: [
      { update: (scheduler) => scheduler.addStatic(node(1, FAR)), dials: [1] },
      { failed: [1], resolves: [[1, node(1, '8.0.0.55')]], dials: ['1@8.0.0.55'] },
      { failed: [1] },
      { dials: ['1@8.0.0.55'] },
    ],
  },
  {
    behaviour: 'a static node that is not reached and has not moved is not tried twice',
    options: { maxActiveDials: 1, maxDialed: 1 },
    rounds: [
      { update: (scheduler) => scheduler.addStatic(node(1, FAR)), dials: [1] },
      { failed: [1], resolves: [[1, node(1, FAR)]] },
    ],
  },
  {
    behaviour: 'a node whose connection comes in is not dialled',
    options: { maxActiveDials: 5, maxDialed: 4 },
    rounds: [
      {
        dialed: [1, 2],
        update: (scheduler) => scheduler.inboundPending(node(3).nodeIdHex),
        discovered: nodes(3, 5),
        dials: [4, 5],
      },
      {
        update: (scheduler) => scheduler.inboundDone(node(3).nodeIdHex),
        inbound: [3],
        succeeded: [4],
        failed: [5],
        discovered: [node(3, FAR), node(6, FAR)],
        dials: [6],
      },
      {
        removed: { inbound: [3] },
        update: (scheduler) => scheduler.inboundPending(node(7).nodeIdHex),
        discovered: nodes(7, 8),
        dials: [8],
      },
    ],
  },
]

describe('rounds of 16 s', () => {
  test.each(tables)('$behaviour', async ({ options, rounds }) => {
    await runRounds(options, rounds)
  })

  test('of many static nodes, those dialled first are chosen by chance', async () => {
    const first = async (seed: number): Promise<string[]> => {
      const rig = await runRounds({ maxDialed: 2, random: createSeededRandom(seed) }, [
        { dialed: [0xfffe, 0xffff], update: (scheduler) => nodes(0, 1999).forEach(scheduler.addStatic) },
      ])
      rig.scheduler.peerRemoved({ nodeIdHex: node(0xfffe).nodeIdHex, dialed: true })
      rig.scheduler.peerRemoved({ nodeIdHex: node(0xffff).nodeIdHex, dialed: true })
      return rig.takeDials()
    }
    const [one, two] = [await first(1), await first(2)]
    expect([one.length, two.length]).toEqual([4, 4])
    expect(one).not.toEqual(two)
  })
})
