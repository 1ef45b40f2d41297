import type { NodeAddress } from '@ethwire/enr'
import { createRefillingBudget, noMetrics, silentLogger, type Timer } from '@ethwire/io'
import { attempt } from './attempt.ts'
import { type ConnectedNodes, createConnectedNodes, SHORT_LIVED_MS } from './connected-nodes.ts'
import { addressRefusal } from './dial-addresses.ts'
import { createDialHistory, type DialHistory, type RedialPace, type RedialRules } from './dial-history.ts'
import type { DialOutcome, DialScheduler, DialSchedulerOptions } from './dial-scheduling.ts'
import { mixSources } from './mix-sources.ts'
import type { NodeProvider } from './node-source.ts'
import { createRefusalCounts } from './refusal-counts.ts'
import { createRefusing, type Refusing } from './refusing.ts'
import { createSearchLog } from './search-log.ts'
import { createStaticDial } from './static-dial.ts'
import { createStaticNodes, paceOf, type StaticNode, type StaticNodes } from './static-nodes.ts'

/** After as many dials at once as may be active: so many begin in a second. geth has no such bound. */
const DIALS_PER_SECOND = 10
/** How much chance may add to each delay. */
const REDIAL_JITTER = 0.5
/** The figures in which one scheduler differs from another. */
export interface DialRules extends RedialRules {
  readonly maxActiveDials: number
  /** Whether static nodes of the local network are dialled again sooner than others. */
  readonly localSooner: boolean
  /** Whether a static node that is removed and added again is dialled at once. */
  readonly forgetsRemoved: boolean
}

/** What a scheduler sees, and does, through the desk. */
export interface DialDesk extends Pick<Refusing, 'refusalOf' | 'refuse'> {
  /** Aborts when the scheduler closes. */
  readonly lifetime: AbortSignal
  readonly statics: StaticNodes
  readonly history: Pick<DialHistory, 'waitMs' | 'nextWaitMs'>
  /** All sources in one. */
  readonly source: NodeProvider
  readonly connected: Pick<ConnectedNodes, 'count' | 'dialed' | 'dialedCandidates'>
  /** Dials under way. */
  readonly activeDials: number
  /** Whether the pace allows a dial; if not, the policy's `schedule` is called when it does. */
  mayDial(): boolean
  /** Dials a node. Resolves when that is over; never rejects. */
  dial(node: NodeAddress, staticNode?: StaticNode): Promise<void>
  /** Takes what a source says of a node that may be static. */
  heardOf(node: NodeAddress): void
}

/** What decides whom to dial. */
export interface DialPolicy {
  /** Something has changed: begins what may begin now. */
  schedule(): void
  /** Whether a static node may be dialled may have changed. */
  review(nodeId: string): void
  freeSlots(): number
  /** Resolves when nothing of it runs any more; the desk's `lifetime` has aborted by then. */
  close(): Promise<void>
}

/** A node that is being dialled. */
interface ActiveDial {
  readonly stop: AbortController
  readonly isCandidate: boolean
  done: Promise<void>
}

/**
 * Makes a scheduler of a policy. The desk keeps account of who is connected, being dialled and on the way in, makes the
 * dials, and remembers them; whom to dial is the policy's to say.
 */
export function createDialDesk(
  options: DialSchedulerOptions,
  rules: DialRules,
  policyOf: (desk: DialDesk) => DialPolicy,
): DialScheduler {
  const { clock, random, maxDialed, netRestrict, reputation } = options
  const { dialsPerSecond = DIALS_PER_SECOND, redialJitter = REDIAL_JITTER } = options
  const { sources = [], logger = silentLogger, metrics = noMetrics } = options
  const { maxActiveDials } = rules
  checkNumbers({ maxDialed, maxActiveDials, dialsPerSecond, redialJitter })
  const history = createDialHistory({ clock, random, jitter: redialJitter, rules })
  const pace = createRefillingBudget({ clock, most: maxActiveDials, perSecond: dialsPerSecond })
  const statics = createStaticNodes({ clock, random })
  const refusals = createRefusalCounts(metrics)
  const source = mixSources(sources, { clock, logger, metrics })
  const dials = metrics.counter('p2p/dials')

  const lifetime = new AbortController()
  // bounded: maxActiveDials
  const dialing = new Map<string, ActiveDial>()
  const connected = createConnectedNodes(clock)
  const { refusalOf, refuse, waitMs, stateOf } = createRefusing({
    ...{ options, statics, connected, history, refusals, logger },
    isDialing: (nodeId) => dialing.has(nodeId),
  })
  const searchLog = createSearchLog({
    ...{ clock, logger, maxDialed },
    dialedCount: () => connected.dialed,
    peerCount: () => connected.count,
    staticCount: () => statics.size,
  })
  let paceTimer: Timer | undefined
  let forgiveTimer: Timer | undefined

  const paceOfId = (nodeId: string): RedialPace => {
    const node = statics.get(nodeId)
    if (node === undefined) return 'candidate'
    return rules.localSooner ? paceOf(node) : 'static'
  }

  function changed(nodeId: string): void {
    if (lifetime.signal.aborted) return
    searchLog.watch()
    policy.review(nodeId)
    policy.schedule()
  }

  /** There was no peer at all, and now there is one that stays: it was the network that failed, not each node. */
  function forgive(): void {
    history.forgive()
    for (const { nodeId } of statics.all()) policy.review(nodeId)
    policy.schedule()
  }

  function tryOnce(node: NodeAddress, isStatic: boolean, signal: AbortSignal): Promise<DialOutcome> {
    dials.add()
    logger.trace({ id: node.nodeIdHex, addr: node.host, static: isStatic }, 'Dialling a node')
    return attempt((signal) => options.dial(node, { isStatic, signal }), 'failed', {
      ...{ clock, signal },
      onError: (err) => logger.error({ err }, 'A dial failed in an unforeseen way'),
    })
  }

  const dialStatic = createStaticDial({
    ...{ clock, statics, source, netRestrict, refuse, logger },
    tryOnce: (address, signal) => tryOnce(address, true, signal),
  })

  /** While nobody is connected, it may be our network that fails. */
  function tellReputation(nodeIdHex: string, outcome: DialOutcome): void {
    if (reputation === undefined || connected.count === 0 || lifetime.signal.aborted) return
    if (outcome === 'full') reputation.report({ nodeIdHex }, 'full')
    if (outcome === 'unreachable' || outcome === 'stranger') reputation.report({ nodeIdHex }, 'dial-failure')
  }

  async function runDial(node: NodeAddress, staticNode: StaticNode | undefined, signal: AbortSignal): Promise<void> {
    const nodeId = node.nodeIdHex
    const isStatic = staticNode !== undefined
    const outcome = await (isStatic ? dialStatic(staticNode, signal) : tryOnce(node, false, signal))
    dialing.delete(nodeId)
    searchLog.tried()
    const end = outcome === 'connected' ? 'peer' : outcome === 'full' ? 'full' : 'failed'
    history.ended(nodeId, end, paceOfId(nodeId))
    if (!isStatic) tellReputation(nodeId, outcome)
    changed(nodeId)
  }

  const desk: DialDesk = {
    lifetime: lifetime.signal,
    ...{ statics, source, refusalOf, refuse },
    history: { waitMs, nextWaitMs: history.nextWaitMs },
    connected,
    get activeDials() {
      return dialing.size
    },
    mayDial() {
      const waitMs = pace.waitMs(1)
      if (waitMs === 0) return true
      paceTimer ??= clock.setTimer(waitMs, () => {
        paceTimer = undefined
        policy.schedule()
      })
      return false
    },
    dial(node, staticNode) {
      const nodeId = node.nodeIdHex
      pace.spend(1)
      history.started(nodeId)
      const stop = new AbortController()
      // Entered first: a dial may have succeeded by the time that its promise is in our hands.
      const dial: ActiveDial = { stop, isCandidate: staticNode === undefined, done: Promise.resolve() }
      dialing.set(nodeId, dial)
      dial.done = runDial(node, staticNode, stop.signal)
      return dial.done
    },
    heardOf(node) {
      if (statics.size === 0 || addressRefusal(node, netRestrict) !== undefined) return
      if (statics.heard(node)) changed(node.nodeIdHex)
    },
  }
  const policy = policyOf(desk)
  searchLog.watch()

  let closing: Promise<void> | undefined
  async function shutDown(): Promise<void> {
    lifetime.abort()
    paceTimer?.cancel()
    forgiveTimer?.cancel()
    searchLog.close()
    statics.close()
    for (const { stop } of dialing.values()) stop.abort()
    await Promise.all([policy.close(), ...[...dialing.values()].map(({ done }) => done)])
  }

  const scheduler: DialScheduler = {
    addStatic(address) {
      if (lifetime.signal.aborted || !statics.add(address)) return undefined
      const refusal = refusalOf(address, statics.get(address.nodeIdHex))
      const lasts = refusal === 'self' || refusal === 'no-port' || refusal === 'netrestrict'
      if (lasts) {
        logger.warn({ id: address.nodeIdHex, addr: address.host, reason: refusal }, 'A static node cannot be dialled')
        refuse(address, refusal)
      }
      changed(address.nodeIdHex)
      return lasts ? refusal : undefined
    },
    removeStatic(nodeId) {
      const wasStatic = statics.remove(nodeId)
      if (wasStatic) dialing.get(nodeId)?.stop.abort()
      if (wasStatic && rules.forgetsRemoved) history.forget(nodeId)
      return wasStatic
    },
    isStatic: (nodeId) => statics.get(nodeId) !== undefined,
    peerAdded({ nodeIdHex, dialed }) {
      if (connected.count === 0 && !lifetime.signal.aborted) forgiveTimer = clock.setTimer(SHORT_LIVED_MS, forgive)
      connected.added(nodeIdHex, dialed, dialed && dialing.get(nodeIdHex)?.isCandidate === true)
      changed(nodeIdHex)
    },
    peerRemoved({ nodeIdHex, dialed }) {
      const removal = connected.removed(nodeIdHex, dialed)
      if (removal === undefined) return
      if (connected.count === 0) forgiveTimer?.cancel()
      if (removal.isGone) history.parted(nodeIdHex, removal.wasShort, paceOfId(nodeIdHex))
      changed(nodeIdHex)
    },
    inboundPending(nodeId) {
      connected.inboundPending(nodeId)
      if (!lifetime.signal.aborted) policy.review(nodeId)
    },
    inboundDone(nodeId) {
      connected.inboundDone(nodeId)
      changed(nodeId)
    },
    refused: refuse,
    explain: (nodeId) => ({
      state: stateOf(nodeId),
      failures: history.failures(nodeId),
      retryInMs: waitMs(nodeId),
    }),
    state: () => ({
      ...{ dialedPeers: connected.dialed, maxDialed, freeSlots: policy.freeSlots(), dialing: [...dialing.keys()] },
      staticNodes: [...statics.all()].map(({ nodeId }) => ({ nodeIdHex: nodeId, state: stateOf(nodeId) })),
      remembered: history.size,
      refused: refusals.counts(),
    }),
    close: () => (closing ??= shutDown()),
    [Symbol.asyncDispose]: () => scheduler.close(),
  }
  return scheduler
}

function checkNumbers({ maxDialed, maxActiveDials, dialsPerSecond, redialJitter }: Record<string, number>): void {
  const integers = { maxDialed, maxActiveDials }
  for (const [name, value] of Object.entries(integers)) {
    if (!Number.isInteger(value) || Number(value) < 0)
      throw new RangeError(`${name} must be an integer from 0, got ${value}`)
  }
  const positive = dialsPerSecond !== undefined && dialsPerSecond > 0
  if (!positive) throw new RangeError(`dialsPerSecond must be above 0, got ${dialsPerSecond}`)
  if (redialJitter === undefined || !(redialJitter >= 0))
    throw new RangeError(`redialJitter must be at least 0, got ${redialJitter}`)
}
