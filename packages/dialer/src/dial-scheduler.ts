import type { NodeAddress } from '@ethwire/enr'
import { noMetrics, silentLogger, type Timer } from '@ethwire/io'
import { attempt } from './attempt.ts'
import { addressRefusal } from './dial-addresses.ts'
import { createDialHistory, type RedialPace } from './dial-history.ts'
import { createDialPace } from './dial-pace.ts'
import type { DialRefusal } from './dial-refusal.ts'
import type { DialOutcome, DialScheduler, DialSchedulerOptions, NodeDialState } from './dial-scheduling.ts'
import { mixSources } from './mix-sources.ts'
import { readNodes } from './read-nodes.ts'
import { createRefusalCounts } from './refusal-counts.ts'
import { createStaticDial } from './static-dial.ts'
import { createStaticNodes, paceOf, type StaticNode } from './static-nodes.ts'

const MAX_ACTIVE_DIALS = 50
/** After as many dials at once as may be active: so many begin in a second. geth has no such bound. */
const DIALS_PER_SECOND = 10
/** A connection that ends sooner came to nothing: a node of another network drops us each time it has seen our Status. */
const SHORT_LIVED_MS = 10_000
/** How much chance may add to each delay. */
const REDIAL_JITTER = 0.5
/** While there are fewer dialled peers than three, the log says every so often what is being done about it. */
const FEW_PEERS = 3
const LOG_INTERVAL_MS = 10_000

/**
 * geth's dial scheduler of 2026: as many dials at a time as there are peers missing, twice; static nodes first, in random
 * order, then candidates of the sources. What is dialled again, and when, is in the history's hands.
 */
export function createDialScheduler(options: DialSchedulerOptions): DialScheduler {
  const { clock, random, self, maxDialed, netRestrict } = options
  const { maxActiveDials = MAX_ACTIVE_DIALS, dialsPerSecond = DIALS_PER_SECOND, redialJitter = REDIAL_JITTER } = options
  const { sources = [], onRefused, logger = silentLogger, metrics = noMetrics } = options
  checkNumbers({ maxDialed, maxActiveDials, dialsPerSecond, redialJitter })
  const history = createDialHistory({ clock, random, jitter: redialJitter })
  const pace = createDialPace(clock, maxActiveDials, dialsPerSecond)
  const statics = createStaticNodes({ clock, random })
  const refusals = createRefusalCounts(metrics)
  const mix = mixSources(sources, { clock, logger, metrics })
  const dials = metrics.counter('p2p/dials')

  const lifetime = new AbortController()
  // bounded: maxActiveDials
  const dialing = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>()
  // bounded: by the server's admission
  const peers = new Map<string, { count: number; sinceMs: number }>()
  // bounded: by the server's connections in their handshake
  const pendingInbound = new Map<string, number>()
  let dialedPeers = 0
  let wakeReader: (() => void) | undefined
  let paceTimer: Timer | undefined
  let forgiveTimer: Timer | undefined
  let loggedMs = clock.monotonicMs()
  let triedSinceLog = 0

  const freeSlots = (): number => Math.min(2 * (maxDialed - dialedPeers), maxActiveDials) - dialing.size
  const paceOfId = (nodeId: string): RedialPace => {
    const node = statics.get(nodeId)
    return node === undefined ? 'candidate' : paceOf(node)
  }

  /** The rules in geth's order. */
  function refusalOf(node: NodeAddress, isStatic: boolean): DialRefusal | undefined {
    const nodeId = node.nodeIdHex
    const address = addressRefusal(node, netRestrict)
    if (nodeId === self) return 'self'
    // A static node without an address is looked up when its turn has come.
    if (address === 'no-port' || (address === 'no-address' && !isStatic)) return address
    if (dialing.has(nodeId)) return 'dialing'
    if (peers.has(nodeId)) return 'connected'
    if (pendingInbound.has(nodeId)) return 'pending-inbound'
    if (address === 'netrestrict') return address
    return history.waitMs(nodeId) > 0 ? 'recent' : undefined
  }

  function refuse(node: NodeAddress, reason: DialRefusal): void {
    refusals.add(reason)
    logger.trace({ id: node.nodeIdHex, addr: node.host, reason }, 'Not dialling a node')
    onRefused?.(node, reason)
  }

  /** What a static node waits for has changed. */
  function review(nodeId: string): void {
    const node = statics.get(nodeId)
    if (node === undefined || lifetime.signal.aborted) return
    node.timer?.cancel()
    const refusal = refusalOf(node.address, true)
    statics.setReady(nodeId, refusal === undefined)
    if (refusal !== 'recent') return
    node.timer = clock.setTimer(history.waitMs(nodeId), () => {
      review(nodeId)
      schedule()
    })
  }

  /** Begins what may begin now. */
  function schedule(): void {
    if (lifetime.signal.aborted) return
    while (freeSlots() > 0 && statics.readyCount > 0 && mayDial()) {
      const node = statics.takeReady()
      if (node !== undefined) startDial(node.address, node)
    }
    if (freeSlots() > 0) wakeReader?.()
    logProgress()
  }

  /** There was no peer at all, and now there is one that stays: it was the network that failed, not each node. */
  function forgive(): void {
    history.forgive()
    for (const [nodeId] of statics.all()) review(nodeId)
    schedule()
  }

  /** Whether the pace allows a dial; if not, `schedule` is called again when it does. */
  function mayDial(): boolean {
    const waitMs = pace.waitMs()
    if (waitMs === 0) return true
    paceTimer ??= clock.setTimer(waitMs, () => {
      paceTimer = undefined
      schedule()
    })
    return false
  }

  function startDial(node: NodeAddress, staticNode: StaticNode | undefined): void {
    const nodeId = node.nodeIdHex
    pace.spend()
    history.started(nodeId)
    const stop = new AbortController()
    const { signal } = stop
    const trying = staticNode === undefined ? tryOnce(node, false, signal) : dialStatic(staticNode, signal)
    const done = trying.then((outcome) => {
      dialing.delete(nodeId)
      triedSinceLog++
      const end = outcome === 'connected' ? 'peer' : outcome === 'full' ? 'full' : 'failed'
      history.ended(nodeId, end, paceOfId(nodeId))
      review(nodeId)
      schedule()
    })
    dialing.set(nodeId, { stop, done })
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
    ...{ clock, statics, source: mix, netRestrict, refuse, logger },
    tryOnce: (address, signal) => tryOnce(address, true, signal),
  })

  async function readCandidates(): Promise<void> {
    const { signal } = lifetime
    await readNodes(mix, { clock, signal }, async (node) => {
      for (;;) {
        if (signal.aborted) return
        const refusal = freeSlots() > 0 ? refusalOf(node, false) : undefined
        if (refusal !== undefined) return refuse(node, refusal)
        if (freeSlots() > 0 && mayDial()) return startDial(node, undefined)
        await new Promise<void>((resume) => {
          wakeReader = resume
        })
        wakeReader = undefined
      }
    })
  }

  function logProgress(): void {
    const nowMs = clock.monotonicMs()
    if (nowMs - loggedMs < LOG_INTERVAL_MS) return
    if (dialedPeers < FEW_PEERS && dialedPeers < maxDialed) {
      logger.info({ peercount: peers.size, tried: triedSinceLog, static: statics.size }, 'Looking for peers')
    }
    loggedMs = nowMs
    triedSinceLog = 0
  }

  const reading = readCandidates().catch((err: unknown) => logger.error({ err }, 'No candidates are read any more'))

  let closing: Promise<void> | undefined
  async function shutDown(): Promise<void> {
    lifetime.abort()
    wakeReader?.()
    paceTimer?.cancel()
    forgiveTimer?.cancel()
    statics.close()
    for (const { stop } of dialing.values()) stop.abort()
    await Promise.all([reading, ...[...dialing.values()].map(({ done }) => done)])
  }

  const stateOf = (nodeId: string): NodeDialState => {
    const node = statics.get(nodeId)
    if (node !== undefined) return refusalOf(node.address, true) ?? 'ready'
    if (nodeId === self) return 'self'
    if (dialing.has(nodeId)) return 'dialing'
    if (peers.has(nodeId)) return 'connected'
    if (pendingInbound.has(nodeId)) return 'pending-inbound'
    return history.waitMs(nodeId) > 0 ? 'recent' : 'ready'
  }

  const scheduler: DialScheduler = {
    addStatic(address) {
      if (lifetime.signal.aborted || !statics.add(address)) return undefined
      const refusal = refusalOf(address, true)
      const lasts = refusal === 'self' || refusal === 'no-port' || refusal === 'netrestrict'
      if (lasts) {
        logger.warn({ id: address.nodeIdHex, addr: address.host, reason: refusal }, 'A static node cannot be dialled')
        refuse(address, refusal)
      }
      review(address.nodeIdHex)
      schedule()
      return lasts ? refusal : undefined
    },
    removeStatic(nodeId) {
      const wasStatic = statics.remove(nodeId)
      if (wasStatic) dialing.get(nodeId)?.stop.abort()
      return wasStatic
    },
    isStatic: (nodeId) => statics.get(nodeId) !== undefined,
    peerAdded({ nodeIdHex, dialed }) {
      if (dialed) dialedPeers++
      if (peers.size === 0) forgiveTimer = clock.setTimer(SHORT_LIVED_MS, forgive)
      const peer = peers.get(nodeIdHex)
      if (peer === undefined) peers.set(nodeIdHex, { count: 1, sinceMs: clock.monotonicMs() })
      else peer.count++
      review(nodeIdHex)
      schedule()
    },
    peerRemoved({ nodeIdHex, dialed }) {
      const peer = peers.get(nodeIdHex)
      if (peer === undefined) return
      if (dialed) dialedPeers--
      if (--peer.count === 0) {
        peers.delete(nodeIdHex)
        if (peers.size === 0) forgiveTimer?.cancel()
        history.parted(nodeIdHex, clock.monotonicMs() - peer.sinceMs < SHORT_LIVED_MS, paceOfId(nodeIdHex))
      }
      review(nodeIdHex)
      schedule()
    },
    inboundPending(nodeId) {
      pendingInbound.set(nodeId, (pendingInbound.get(nodeId) ?? 0) + 1)
      review(nodeId)
    },
    inboundDone(nodeId) {
      const count = pendingInbound.get(nodeId) ?? 0
      if (count > 1) pendingInbound.set(nodeId, count - 1)
      else pendingInbound.delete(nodeId)
      review(nodeId)
      schedule()
    },
    refused: refuse,
    explain: (nodeId) => ({
      state: stateOf(nodeId),
      failures: history.failures(nodeId),
      retryInMs: history.waitMs(nodeId),
    }),
    state: () => ({
      ...{ dialedPeers, maxDialed, freeSlots: freeSlots(), dialing: [...dialing.keys()] },
      staticNodes: [...statics.all()].map(([nodeIdHex]) => ({ nodeIdHex, state: stateOf(nodeIdHex) })),
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
