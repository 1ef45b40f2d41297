import { type NodeAddress, type NodeRecord, nodeFromRecord } from '@ethwire/enr'
import type { Clock, Logger } from '@ethwire/io'
import { relayRefusal } from '@ethwire/netutil'
import { codeOf, reasonOf } from '../errors.ts'
import { maxNodeSetSize, type NodeSet, type NodeSetEntry } from '../node-set.ts'
import { createPace, type Pace } from './pace.ts'
import { createPoliteLanes } from './polite-lanes.ts'
import { createRecentFailures } from './recent-failures.ts'
import { createSemaphore } from './semaphore.ts'

/** Discovery as a crawl needs it. */
export interface CrawlDiscovery {
  /** Fetches a node's record, after an endpoint proof where one is missing. Rejects, soon, when the node does not answer. */
  requestEnr(node: NodeAddress): Promise<NodeRecord>
  /** A walk of the network without end. */
  randomNodes(options: { signal: AbortSignal; records: false }): AsyncIterable<NodeAddress>
}

export interface CrawlerOptions {
  /** What is known from earlier crawls. */
  readonly input: ReadonlyMap<string, NodeSetEntry>
  /** Whom to begin with when nothing is known. */
  readonly bootnodes: readonly NodeAddress[]
  readonly discovery: CrawlDiscovery
  /** How many nodes are asked at a time, at most. */
  readonly parallel: number
  /** How busy this process was since the last call, 0 to 1. With it nodes are asked more slowly while it is too busy. */
  readonly load?: () => number
  /** How long from the start, but at least until each node of the input was asked; 0 for ever. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** Ends the crawl: nobody more is asked, and who is being asked may still answer. */
  readonly signal: AbortSignal
}

/** What has become of the nodes that came by, in the words of geth's crawler. */
interface CrawlCounts {
  /** Answered for the first time. */
  readonly added: number
  /** Known and asked again, whether it answered or not. */
  readonly updated: number
  /** Known, and silent for so long that it is forgotten. */
  readonly removed: number
  /** Asked less than ten minutes ago, or being asked. */
  readonly recent: number
  /** Never answered a request for its record. */
  readonly incompatible: number
  /** Not asked, for reasons of our own: its address had enough to do, the set is full, there is no way to send there. */
  readonly passed: number
}

export interface CrawlProgress extends CrawlCounts {
  /** Nodes in the set. */
  readonly nodes: number
  readonly inputChecked: number
  readonly inputTotal: number
}

export interface Crawler {
  /** The set as it is now: each node of the input until it is forgotten, and what was found. */
  readonly nodes: ReadonlyMap<string, NodeSetEntry>
  progress(): CrawlProgress
  /** Resolves when the time is over, when there is nobody left to ask, or when it was stopped. Call it once. */
  run(): Promise<void>
}

/** Nodes that were asked within this time are not asked again; as geth has it. */
const recheckMs = 10 * 60 * 1000
/** An exchange (ping, pong, record) with one address at most so often. */
const restMs = 1000
/** Nodes of the input that are asked or wait for it. */
const maxInputAtOnce = 8192
/** Nodes of the walk in the lane of one address. */
const maxLane = 4

/** Why a node was not even asked: nothing is said about it. */
const ourReasons: ReadonlySet<string> = new Set([
  ...['DISCV4_BUSY', 'DISCV4_CLOSED', 'DISCV4_REFUSED'],
  ...['IO_CLOSED', 'IO_BROKEN', 'IO_UNREACHABLE', 'IO_DENIED', 'IO_LIMIT'],
])

/**
 * Asks all nodes of a set for their records, and those that a walk of the network comes by: geth's crawl, with its scores.
 * Nobody is asked for a record more than once a second, by address; the walk's lookups are discovery's own, and keep no
 * such pace. A node's score falls only when it is silent twice where its own record says that it is: what others say of
 * its address proves nothing.
 */
export function createCrawler(options: CrawlerOptions): Crawler {
  const { discovery, parallel, load, timeoutMs, clock, logger, signal } = options
  // bounded: maxNodeSetSize
  const nodes: NodeSet = new Map(options.input)
  if (nodes.size === 0) for (const node of options.bootnodes) nodes.set(node.nodeIdHex, { node, score: 0 })
  const input = [...nodes.keys()].sort()
  const counts = { added: 0, updated: 0, removed: 0, recent: 0, incompatible: 0, passed: 0 }
  let inputChecked = 0

  const enough = new AbortController()
  const stop = AbortSignal.any([signal, enough.signal])
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown): void => {
    failure ??= { error }
    enough.abort()
  }

  const lanes = createPoliteLanes({ restMs, clock, signal: stop })
  const slots = createSemaphore(parallel)
  let pace: Pace | undefined
  const failures = createRecentFailures(recheckMs)
  // bounded: maxInputAtOnce, and half of parallel for the walk
  const busy = new Set<string>()

  function isRecent(node: NodeAddress): boolean {
    const checkedMs = nodes.get(node.nodeIdHex)?.lastCheckMs
    // A clock that was set back makes it wait no longer than that.
    if (checkedMs !== undefined && Math.abs(clock.now() - checkedMs) < recheckMs) return true
    return busy.has(node.nodeIdHex) || failures.has(placeOf(node), clock.monotonicMs())
  }

  /** Whether this is where the node's own record has it. */
  function isKnownHere(node: NodeAddress): boolean {
    const known = nodes.get(node.nodeIdHex)
    return known !== undefined && placeOf(known.node) === placeOf(node)
  }

  /** Asks a node when it is its turn. */
  async function check(node: NodeAddress, hurry?: 'hurry'): Promise<void> {
    if (isRecent(node)) {
      counts.recent += 1
      return
    }
    busy.add(node.nodeIdHex)
    try {
      for (let isFirst = true; ; isFirst = false) {
        const begin = await lanes.turn(node.host ?? '')
        await slots.enter(hurry)
        await pace?.begin()
        begin()
        try {
          if (stop.aborted || (await ask(node, isFirst)) === 'done') return
        } finally {
          slots.leave()
        }
      }
    } finally {
      busy.delete(node.nodeIdHex)
    }
  }

  /** `again`: who is known has a second chance, a second later. Packets get lost, and machines stall, ours among them. */
  async function ask(node: NodeAddress, isFirst: boolean): Promise<'done' | 'again'> {
    const checkMs = Math.floor(clock.now() / 1000) * 1000
    let found: NodeAddress
    try {
      found = checked(node, await discovery.requestEnr(node))
    } catch (error) {
      logger.debug({ id: node.nodeIdHex, reason: reasonOf(error) }, 'No record')
      if (ourReasons.has(codeOf(error) ?? '')) pass(node)
      else if (isFirst && isKnownHere(node)) return 'again'
      else silent(node, checkMs)
      return 'done'
    }
    answered(node, found, checkMs)
    return 'done'
  }

  function answered(node: NodeAddress, found: NodeAddress, checkMs: number): void {
    const known = nodes.get(node.nodeIdHex)
    if (known === undefined && nodes.size >= maxNodeSetSize) {
      pass(node)
      return
    }
    // geth keeps the newer record, too, where a node is set back to an older one.
    const before = known?.node.record === undefined ? node : known.node
    const isOlder = (found.record?.seq ?? 0n) < (before.record?.seq ?? 0n)
    nodes.set(node.nodeIdHex, {
      node: isOlder ? before : found,
      score: (known?.score ?? 0) + 1,
      firstResponseMs: known?.firstResponseMs ?? checkMs,
      lastResponseMs: checkMs,
      lastCheckMs: checkMs,
    })
    if (known?.firstResponseMs === undefined) counts.added += 1
    else counts.updated += 1
  }

  function silent(node: NodeAddress, checkMs: number): void {
    const known = nodes.get(node.nodeIdHex)
    if (known === undefined || known.score === 0 || !isKnownHere(node)) {
      failures.add(placeOf(node), clock.monotonicMs())
      counts.incompatible += 1
      return
    }
    const score = Math.floor(known.score / 2)
    if (score > 0) {
      nodes.set(node.nodeIdHex, { ...known, score, lastCheckMs: checkMs })
      counts.updated += 1
    } else {
      nodes.delete(node.nodeIdHex)
      counts.removed += 1
    }
  }

  function pass(node: NodeAddress): void {
    failures.add(placeOf(node), clock.monotonicMs())
    counts.passed += 1
  }

  async function checkInput(): Promise<void> {
    const room = createSemaphore(maxInputAtOnce)
    // bounded: the input
    const checks: Promise<void>[] = []
    for (const id of input) {
      await room.enter()
      if (stop.aborted) break
      const { node } = nodes.get(id) ?? {}
      const checking = node === undefined ? Promise.resolve() : check(node)
      checks.push(
        checking.catch(fail).then(() => {
          room.leave()
          if (!signal.aborted) inputChecked += 1
        }),
      )
    }
    await Promise.all(checks)
  }

  async function walk(): Promise<void> {
    // The other half of the slots is the input's in any case.
    const most = Math.max(1, parallel >> 1)
    const room = createSemaphore(most)
    try {
      for await (const node of discovery.randomNodes({ signal: stop, records: false })) {
        if (stop.aborted) break
        if (lanes.inLane(node.host ?? '') >= maxLane) {
          counts.passed += 1
          continue
        }
        await room.enter()
        void check(node, 'hurry').catch(fail).then(room.leave)
      }
    } catch (error) {
      if (!stop.aborted) fail(error)
    }
    // Those on their way have ended when all of its room is free.
    for (let entered = 0; entered < most; entered += 1) await room.enter()
  }

  return {
    nodes,
    progress: () => ({ ...counts, nodes: nodes.size, inputChecked, inputTotal: input.length }),
    async run() {
      const startMs = clock.monotonicMs()
      pace = load && createPace({ load, most: parallel, clock })
      stop.addEventListener('abort', () => pace?.close(), { once: true })
      const checking = checkInput().then(() => {
        if (stop.aborted) return
        logger.info({ len: input.length, ...counts }, 'Revalidation of input set is done')
        if (timeoutMs === 0) return
        const timer = clock.setTimer(Math.max(0, startMs + timeoutMs - clock.monotonicMs()), () => enough.abort())
        stop.addEventListener('abort', () => timer.cancel(), { once: true })
      })
      try {
        await Promise.all([checking, walk()].map((work) => work.catch(fail)))
      } finally {
        enough.abort()
        pace?.close()
      }
      if (failure !== undefined) throw failure.error
    },
  }
}

/** The node as its record has it: of that node, with an address that one may be told by whoever is at the old one. */
function checked(node: NodeAddress, record: NodeRecord): NodeAddress {
  const found = nodeFromRecord(record)
  if (found.nodeIdHex !== node.nodeIdHex) throw new Error('the record is of another node')
  const refusal = relayRefusal(node.host ?? '', found.host ?? '')
  if (refusal !== undefined) throw new Error(`the record has an address that is refused: ${refusal}`)
  return found
}

/** Where a node is said to be. */
function placeOf({ nodeIdHex, host, udpPort }: NodeAddress): string {
  return `${nodeIdHex} ${host ?? ''} ${udpPort}`
}
