import type { NodeAddress } from '@ethwire/enr'
import { silentLogger, sleep } from '@ethwire/io'
import { attempt } from './attempt.ts'
import { createDialDesk, type DialDesk, type DialPolicy, type DialRules } from './dial-desk.ts'
import type { DialScheduler, DialSchedulerOptions } from './dial-scheduling.ts'
import { type NodeSource, toProvider } from './node-source.ts'
import { createTaskPlanner, type Task } from './task-planner.ts'

/** Tasks that run at once. */
const MAX_TASKS = 16
/** From the start of a lookup to that of the next. */
const LOOKUP_INTERVAL_MS = 4_000
const PUBLIC_KEY_BYTES = 64

/**
 * geth 1.8 dials a node again 30 s after its last dial was over, however often that fails. Here it does so three times
 * (case 58).
 */
const rules: Omit<DialRules, 'maxActiveDials'> = {
  ...{ redialMs: 30_000, countsFrom: 'end', patience: 2, restMs: 0 },
  ...{ localSooner: false, forgetsRemoved: true },
}

/** What a source has to offer to this scheduler. */
const methods = ['readRandomNodes', 'lookup', 'resolve'] as const

/** Options of `createDialScheduler2018`. */
export interface DialScheduler2018Options extends DialSchedulerOptions {
  /** Dialled in turn, one each time, while there is no peer 20 s after the start and later; by default the sources'. */
  readonly bootnodes?: readonly NodeAddress[]
}

/**
 * geth's dial scheduler of 2018 (1.8): at most 16 tasks at a time, each a dial, a lookup or a wait. Static nodes are
 * dialled besides the `maxDialed`. Candidates come half from the table and half from lookups, which the scheduler begins
 * itself, at least 4 s apart; the walks of the sources (`nodes()`) are not read.
 *
 * @throws TypeError for a source without `readRandomNodes`, `lookup` or `resolve`
 *
 * @example
 * import { createDialScheduler2018, type NodeProvider } from '@ethwire/dialer'
 * import { nodeClock, nodeRandom } from '@ethwire/io/node'
 *
 * async function* nobody() {}
 * const table: NodeProvider = {
 *   nodes: nobody,
 *   readRandomNodes: () => [],
 *   lookup: async () => [],
 *   resolve: async () => undefined,
 * }
 * const options = { clock: nodeClock, random: nodeRandom, self: '00'.repeat(32), maxDialed: 16 }
 * const dialer = createDialScheduler2018({ ...options, sources: [table], dial: async () => 'unreachable' })
 * console.log(dialer.state().freeSlots)
 * await dialer.close()
 */
export function createDialScheduler2018(options: DialScheduler2018Options): DialScheduler {
  const { sources = [] } = options
  const maxActiveDials = Math.min(MAX_TASKS, options.maxActiveDials ?? MAX_TASKS)
  checkSources(sources)
  return createDialDesk(options, { ...rules, maxActiveDials }, (desk) =>
    taskPolicy(desk, { ...options, maxActiveDials }),
  )
}

/** Plans tasks, and runs them. */
function taskPolicy(
  desk: DialDesk,
  options: DialScheduler2018Options & { readonly maxActiveDials: number },
): DialPolicy {
  const { clock, random, maxDialed, maxActiveDials, logger = silentLogger } = options
  const { statics, source, lifetime } = desk
  const { bootnodes = source.bootnodes ?? [] } = options
  const planner = createTaskPlanner({
    ...{ maxDialed, bootnodes, nowMs: clock.monotonicMs },
    ...{ refusalOf: desk.refusalOf, refuse: desk.refuse, nextWaitMs: desk.history.nextWaitMs },
    peerCount: () => desk.connected.count,
    candidatePeers: () => desk.connected.dialedCandidates,
    staticNodes: statics.all,
    readRandomNodes: (count) => source.readRandomNodes?.(count) ?? [],
  })
  // bounded: maxActiveDials
  const running = new Set<Promise<void>>()
  // bounded: one for each static node, maxDialed and two
  let queue: Task[] = []
  let lookedUpMs = Number.NEGATIVE_INFINITY
  let isScheduling = false
  let isChanged = false

  /** At a dial's end it may be that more is to be planned at once: that is done by whoever is planning already. */
  function schedule(): void {
    isChanged = true
    if (isScheduling) return
    isScheduling = true
    while (isChanged && !lifetime.aborted) {
      isChanged = false
      startQueued()
      if (queue.length > 0 || running.size >= maxActiveDials) continue
      queue = planner.plan(running.size)
      startQueued()
    }
    isScheduling = false
  }

  function startQueued(): void {
    while (queue.length > 0 && running.size < maxActiveDials) {
      const [task] = queue as [Task]
      if (task.kind === 'dial' && !desk.mayDial()) return
      queue.shift()
      const work = start(task)
      if (work === undefined) continue
      const done = work.then((found) => {
        running.delete(done)
        planner.done(task, found)
        schedule()
      })
      running.add(done)
    }
  }

  /** Does what a task says; undefined when it has become needless since it was planned. */
  function start(task: Task): Promise<NodeAddress[]> | undefined {
    if (task.kind === 'discover') return discover()
    if (task.kind === 'wait-expire') return waitFor(task.waitMs).then(() => [])
    const { node, staticNode } = task
    const isKept = staticNode === undefined || statics.get(node.nodeIdHex) === staticNode
    if (isKept && desk.refusalOf(node, staticNode) === undefined) return desk.dial(node, staticNode).then(() => [])
    planner.done(task)
    return undefined
  }

  async function discover(): Promise<NodeAddress[]> {
    await waitFor(lookedUpMs + LOOKUP_INTERVAL_MS - clock.monotonicMs())
    lookedUpMs = clock.monotonicMs()
    if (lifetime.aborted) return []
    const found = await attempt(
      async (signal) => (await source.lookup?.(random.bytes(PUBLIC_KEY_BYTES), { signal })) ?? [],
      [],
      { clock, signal: lifetime, onError: (err) => logger.debug({ err }, 'A lookup failed') },
    )
    for (const node of found) desk.heardOf(node)
    return found
  }

  /** At the end of the scheduler at the latest. */
  async function waitFor(ms: number): Promise<void> {
    if (ms > 0) await sleep(clock, ms, { signal: lifetime }).catch(() => undefined)
  }

  // Asked from the next turn on, when whoever made the scheduler has it in hand.
  queueMicrotask(schedule)

  return {
    schedule,
    review: () => undefined,
    freeSlots: () => Math.min(planner.missing, maxActiveDials - running.size - queue.length),
    async close() {
      queue = []
      await Promise.all(running)
    },
  }
}

function checkSources(sources: readonly NodeSource[]): void {
  const faults = sources.flatMap((source, index) => {
    const provider = toProvider(source)
    const missing = methods.filter((method) => provider[method] === undefined)
    return missing.length === 0 ? [] : [`${provider.name ?? `source ${index + 1}`} has no ${missing.join(', no ')}`]
  })
  if (faults.length === 0) return
  throw new TypeError(
    `the dial scheduler of 2018 needs sources with ${methods.join(', ')}, as discovery v4 is one: ${faults.join('; ')}`,
  )
}
