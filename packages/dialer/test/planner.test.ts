import type { NodeAddress } from '@ethwire/enr'
import { createSeededRandom, createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createDialHistory } from '../src/dial-history.ts'
import type { StaticNode } from '../src/static-nodes.ts'
import { createTaskPlanner, type Task } from '../src/task-planner.ts'
import { node, nodes, numberOf } from './support.ts'

/** A step of 16 s: who is connected by then, which tasks are over, and which ones are planned. */
interface Round {
  /** Peers dialled as candidates, and all others. */
  readonly peers?: number[]
  readonly others?: number[]
  /** Dials that are over, by node; and what a lookup that is over found. */
  readonly dialled?: number[]
  readonly found?: number[]
  /** A node's number for each dial, and the other tasks by their kind. */
  readonly tasks?: (number | 'discover' | `wait ${number}`)[]
}

interface Table {
  readonly behaviour: string
  readonly maxDialed: number
  readonly table?: number[]
  readonly bootnodes?: number[]
  readonly statics?: number[]
  /** Nodes that may not be dialled. */
  readonly restricted?: number[]
  readonly rounds: Round[]
}

const ROUND_MS = 16_000

async function run({ maxDialed, rounds, ...world }: Table): Promise<void> {
  const clock = createVirtualClock()
  const history = createDialHistory({
    ...{ clock, random: createSeededRandom(1), jitter: 0 },
    rules: { redialMs: 30_000, countsFrom: 'end', patience: 2, restMs: 0 },
  })
  const many = (numbers: number[] = []): NodeAddress[] => numbers.map((n) => node(n, `10.0.0.${n}`))
  const statics = many(world.statics).map(
    (given): StaticNode => ({
      ...{ nodeId: given.nodeIdHex, given, found: undefined, prefersFound: false },
      ...{ resolveAtMs: 0, resolveDelayMs: 0, timer: undefined },
    }),
  )
  let connected: number[] = []
  let candidatePeers = 0
  const planner = createTaskPlanner({
    ...{ maxDialed, bootnodes: many(world.bootnodes), nowMs: clock.monotonicMs },
    peerCount: () => connected.length,
    candidatePeers: () => candidatePeers,
    staticNodes: () => statics,
    refusalOf(address) {
      if (connected.includes(numberOf(address))) return 'connected'
      if (world.restricted?.includes(numberOf(address))) return 'netrestrict'
      return history.waitMs(address.nodeIdHex) > 0 ? 'recent' : undefined
    },
    refuse: () => undefined,
    readRandomNodes: (count) => many(world.table).slice(0, count),
    nextWaitMs: history.nextWaitMs,
  })
  let running: Task[] = []
  for (const [index, { peers = [], others = [], dialled = [], found, tasks = [] }] of rounds.entries()) {
    connected = [...peers, ...others]
    candidatePeers = peers.length
    const isOver = (task: Task): boolean =>
      task.kind === 'discover' ? found !== undefined : task.kind === 'dial' && dialled.includes(numberOf(task.node))
    for (const task of running.filter(isOver)) {
      if (task.kind === 'dial') {
        history.started(task.node.nodeIdHex)
        history.ended(task.node.nodeIdHex, connected.includes(numberOf(task.node)) ? 'peer' : 'failed', 'candidate')
      }
      planner.done(task, many(found))
    }
    running = running.filter((task) => !isOver(task))
    const planned = planner.plan(running.length)
    const show = (task: Task): number | string => {
      if (task.kind === 'dial') return numberOf(task.node)
      return task.kind === 'discover' ? task.kind : `wait ${task.waitMs}`
    }
    expect(planned.map(show), `tasks of round ${index}`).toEqual(tasks)
    running.push(...planned.filter(({ kind }) => kind !== 'wait-expire'))
    await clock.advance(ROUND_MS)
  }
}

/** What geth 1.8 plans, round by round. */
const tables: Table[] = [
  {
    behaviour: 'what a lookup finds is dialled for the candidates that are missing, and kept for when more are',
    maxDialed: 5,
    rounds: [
      { peers: [1, 2], others: [0], tasks: ['discover'] },
      { peers: [1, 2], others: [0], found: [2, 3, 4, 5, 6, 7], tasks: [3, 4, 5] },
      { peers: [1, 2, 3, 4], others: [0], dialled: [3, 4] },
      { peers: [1, 2, 3, 4, 5], others: [0], dialled: [5], tasks: ['wait 14000'] },
      { peers: [1, 3, 4, 5], others: [0], tasks: [6] },
      { peers: [1, 5], others: [0], dialled: [6], tasks: [7, 'discover'] },
      { peers: [1, 5, 7], others: [0], dialled: [7] },
      { peers: [1, 5, 7], others: [0], found: [], tasks: ['discover'] },
    ],
  },
  {
    behaviour: 'bootnodes are dialled in turn while there is no peer 20 s after the start, and not otherwise',
    maxDialed: 5,
    bootnodes: [1, 2, 3],
    table: [4, 5, 6, 7, 8],
    rounds: [
      { tasks: [4, 5, 'discover'] },
      { dialled: [4, 5] },
      { tasks: [1] },
      { dialled: [1], tasks: [2, 4, 5] },
      { dialled: [2, 4, 5], tasks: [3] },
      { dialled: [3], tasks: [1] },
      { dialled: [1], tasks: [2, 4, 5] },
      { peers: [4], dialled: [2, 4, 5] },
      { others: [9] },
    ],
  },
  {
    behaviour: 'random nodes of the table are dialled for half of the candidates that are missing',
    maxDialed: 10,
    table: [1, 2, 3, 4, 5, 6, 7, 8],
    rounds: [
      { tasks: [1, 2, 3, 4, 5, 'discover'] },
      { peers: [1, 2], dialled: [1, 2], found: [10, 11, 12], tasks: [10, 11, 12, 'discover'] },
      { peers: [1, 2, 10, 11, 12], dialled: [3, 4, 5, 10, 11, 12] },
      { peers: [1, 2, 10, 11, 12] },
      { peers: [1, 2, 10, 11, 12] },
    ],
  },
  {
    behaviour: 'candidates that may not be dialled take no place',
    maxDialed: 10,
    table: [1, 2, 3, 4, 5, 6, 7, 8],
    restricted: [1, 2, 3, 4],
    rounds: [{ tasks: [5, 'discover'] }],
  },
  {
    behaviour: 'static nodes are dialled besides, however they were connected before, and 30 s after the last dial',
    maxDialed: 0,
    statics: [1, 2, 3, 4, 5],
    rounds: [
      { others: [1, 2], tasks: [3, 4, 5] },
      { others: [1, 2, 3], dialled: [3] },
      { others: [1, 2, 3, 4, 5], dialled: [4, 5], tasks: ['wait 14000'] },
      { others: [1, 2, 3, 4, 5], tasks: ['wait 14000'] },
      { others: [1, 3, 5], tasks: [2, 4] },
    ],
  },
  {
    behaviour: 'a static node that is not reached is waited for, and dialled again',
    maxDialed: 0,
    statics: [1, 2, 3],
    rounds: [
      { tasks: [1, 2, 3] },
      { others: [1, 2], dialled: [1, 2] },
      { others: [1, 2], dialled: [3], tasks: ['wait 14000'] },
      { others: [1, 2], tasks: ['wait 14000'] },
      { others: [1, 2], tasks: [3] },
    ],
  },
]

describe('rounds of 16 s, planned as in 2018', () => {
  test.each(tables)('$behaviour', async (table) => {
    await run(table)
  })

  test('of what lookups find, 512 nodes are kept', () => {
    const dialled: number[] = []
    const planner = createTaskPlanner({
      ...{ maxDialed: 10_000, bootnodes: [], nowMs: () => 0, peerCount: () => 1, candidatePeers: () => 0 },
      ...{ staticNodes: () => [], refusalOf: () => undefined, refuse: () => undefined },
      ...{ readRandomNodes: () => [], nextWaitMs: () => undefined },
    })
    const [lookup] = planner.plan(0) as [Task]
    planner.done(lookup, nodes(1, 2_000))
    for (const task of planner.plan(0)) if (task.kind === 'dial') dialled.push(numberOf(task.node))
    expect(dialled).toHaveLength(512)
  })
})
