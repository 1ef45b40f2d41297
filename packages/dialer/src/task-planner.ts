import type { NodeAddress } from '@ethwire/enr'
import type { DialRefusal } from './dial-refusal.ts'
import type { StaticNode } from './static-nodes.ts'

/** When the network has been up for so long and there is no peer, nodes of the list of bootnodes are dialled, too. */
const FALLBACK_MS = 20_000
/** What lookups found and nobody has dialled yet. */
const MAX_FOUND = 512

/** Dials a node: a static one, or a candidate. */
interface DialTask {
  readonly kind: 'dial'
  readonly node: NodeAddress
  readonly staticNode: StaticNode | undefined
}

/** Looks up a random key in the network. There is one at a time. */
interface DiscoverTask {
  readonly kind: 'discover'
}

/** Waits until a node may be dialled again. There is one only while there is nothing else to do. */
interface WaitExpireTask {
  readonly kind: 'wait-expire'
  readonly waitMs: number
}

export type Task = DialTask | DiscoverTask | WaitExpireTask

/** What the planner needs to know of the world. */
export interface TaskPlannerOptions {
  readonly maxDialed: number
  readonly bootnodes: readonly NodeAddress[]
  nowMs(): number
  readonly peerCount: () => number
  /** Peers that were dialled as candidates. */
  readonly candidatePeers: () => number
  staticNodes(): Iterable<StaticNode>
  /** Why a node may not be dialled now; that a dial of it is planned already, the planner knows by itself. */
  refusalOf(node: NodeAddress, staticNode: StaticNode | undefined): DialRefusal | undefined
  /** Told each candidate that is not dialled. */
  refuse(node: NodeAddress, reason: DialRefusal): void
  readRandomNodes(count: number): readonly NodeAddress[]
  /** Milliseconds until the first node may be dialled again that may not be now. */
  nextWaitMs(): number | undefined
}

/** Decides what a node of 2018 does next. */
export interface TaskPlanner {
  /** What is to be done besides the `running` tasks that were planned before and are not done. */
  plan(running: number): Task[]
  /** A task is over; a lookup with what it found. */
  done(task: Task, found?: readonly NodeAddress[]): void
  /** Candidates that could be dialled besides those that are planned. */
  readonly missing: number
}

/**
 * The decisions of geth 1.8's dialler. Each time that something has happened it is asked for tasks: a dial of each static
 * node that is not connected; of a bootnode, the next one each time, while there is no peer at all; of random nodes of the
 * table for half of the candidates that are missing; and of what lookups found, for the rest. If that is not enough, there
 * is a lookup; if there is nothing to do at all, a wait.
 */
export function createTaskPlanner(options: TaskPlannerOptions): TaskPlanner {
  const { maxDialed, nowMs, refusalOf, refuse } = options
  // bounded: by what the user gives
  const bootnodes = [...options.bootnodes]
  // bounded: static nodes and maxDialed
  const planned = new Map<string, DialTask>()
  // bounded: MAX_FOUND
  let found: readonly NodeAddress[] = []
  let isLookingUp = false
  let candidates = 0
  const startMs = nowMs()

  const missing = (): number => maxDialed - options.candidatePeers() - candidates

  function plan(running: number): Task[] {
    const tasks: Task[] = []
    const dial = (node: NodeAddress, staticNode: StaticNode | undefined): void => {
      const task: DialTask = { kind: 'dial', node, staticNode }
      planned.set(node.nodeIdHex, task)
      if (staticNode === undefined) candidates++
      tasks.push(task)
    }
    const tryCandidate = (node: NodeAddress): void => {
      const refusal = planned.has(node.nodeIdHex) ? 'dialing' : refusalOf(node, undefined)
      if (refusal === undefined) dial(node, undefined)
      else refuse(node, refusal)
    }

    for (const node of options.staticNodes()) {
      if (!planned.has(node.nodeId) && refusalOf(node.given, node) === undefined) dial(node.given, node)
    }
    const isAlone = options.peerCount() === 0 && nowMs() - startMs > FALLBACK_MS
    const bootnode = isAlone && missing() > 0 ? bootnodes.shift() : undefined
    if (bootnode !== undefined) {
      bootnodes.push(bootnode)
      tryCandidate(bootnode)
    }
    const fromTable = Math.floor(missing() / 2)
    if (fromTable > 0) {
      for (const node of options.readRandomNodes(Math.floor(maxDialed / 2)).slice(0, fromTable)) tryCandidate(node)
    }
    let used = 0
    for (; used < found.length && missing() > 0; used++) tryCandidate(found[used] as NodeAddress)
    found = found.slice(used)
    if (found.length < missing() && !isLookingUp) {
      isLookingUp = true
      tasks.push({ kind: 'discover' })
    }
    const waitMs = running === 0 && tasks.length === 0 ? options.nextWaitMs() : undefined
    if (waitMs !== undefined) tasks.push({ kind: 'wait-expire', waitMs })
    return tasks
  }

  return {
    plan,
    done(task, nodes = []) {
      if (task.kind === 'discover') {
        isLookingUp = false
        found = [...found, ...nodes].slice(0, MAX_FOUND)
      }
      if (task.kind !== 'dial' || planned.get(task.node.nodeIdHex) !== task) return
      planned.delete(task.node.nodeIdHex)
      if (task.staticNode === undefined) candidates--
    },
    get missing() {
      return missing()
    },
  }
}
