import type { NodeAddress } from '@ethwire/enr'
import { type Clock, type Logger, type Metrics, noMetrics, silentLogger, sleep } from '@ethwire/io'
import { askSources } from './ask-sources.ts'
import { type NodeProvider, type NodeSource, toProvider } from './node-source.ts'
import { type NodeSink, nodesFrom, readNodes } from './read-nodes.ts'

/** How long a source may let the others wait when it is its turn. */
const PATIENCE_MS = 100
/** A source that failed is read again after this, doubled with each failure without a node between. */
const FIRST_RETRY_MS = 10_000
const MAX_RETRY_MS = 5 * 60_000

export interface MixSourcesOptions {
  readonly clock: Clock
  /** How long to wait for the source whose turn it is; default 100 ms. */
  readonly patienceMs?: number
  readonly logger?: Logger
  /** Counts `p2p/sources/<name>/nodes` and `…/errors`. */
  readonly metrics?: Metrics
}

/** One source in a mix. */
interface Turn {
  readonly name: string
  readonly provider: NodeProvider
  /** `resting`: failed, and is read again later. */
  state: 'reading' | 'ready' | 'resting' | 'ended'
  node: NodeAddress | undefined
  patienceMs: number
  onTaken: (() => void) | undefined
}

/**
 * Mixes sources fairly: they take turns. A source that has nothing when its turn comes is waited for, but only for so
 * long; then a node of any other is taken, and it has half as much time the next time, until it answers in time again.
 * A source that throws is logged, counted and read again later; the mix ends when all of its sources have ended.
 *
 * The mix resolves a node by the first source that can, looks a key up in all of them at once, and reads random nodes of
 * them in turn.
 *
 * @example
 * import { mixSources } from '@ethwire/dialer'
 * import { parseNode } from '@ethwire/enr'
 * import { nodeClock } from '@ethwire/io/node'
 *
 * const key = '1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace243' +
 *   '51232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439'
 * async function* list(...hosts: string[]) {
 *   for (const host of hosts) yield parseNode(`enode://${key}@${host}:30303`)
 * }
 * const mix = mixSources([list('10.0.0.1', '10.0.0.2'), list('10.9.9.9')], { clock: nodeClock })
 * for await (const node of mix.nodes()) console.log('endpoints' in node && node.host) // 10.0.0.1, 10.9.9.9, 10.0.0.2
 */
export function mixSources(sources: readonly NodeSource[], options: MixSourcesOptions): NodeProvider {
  const { logger = silentLogger } = options
  const providers = sources.map(toProvider)
  return {
    name: 'mix',
    nodes: ({ signal } = {}) => nodesFrom((sink) => mix(providers, options, sink), 1, signal && { signal }),
    ...askSources(providers, logger),
  }
}

/** The fair mix, node by node, until all sources have ended. */
async function mix(providers: readonly NodeProvider[], options: MixSourcesOptions, sink: NodeSink): Promise<void> {
  const { clock, patienceMs = PATIENCE_MS, logger = silentLogger, metrics = noMetrics } = options
  const { signal } = sink
  let onChange: (() => void) | undefined
  const changed = (): void => onChange?.()

  /** Resolves at the next change of any source, at the latest after `waitMs`. */
  const change = (waitMs?: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = waitMs === undefined ? undefined : clock.setTimer(waitMs, done)
      function done(): void {
        timer?.cancel()
        onChange = undefined
        resolve()
      }
      onChange = done
    })

  // bounded: one a source
  const turns = providers.map((provider, index): Turn => {
    const name = provider.name ?? `source ${index + 1}`
    return { name, provider, state: 'reading', node: undefined, patienceMs, onTaken: undefined }
  })

  async function readOn(turn: Turn): Promise<void> {
    const { name, provider } = turn
    let failures = 0
    while (!signal.aborted) {
      try {
        turn.state = 'reading'
        await readNodes(provider, { clock, signal }, async (node) => {
          failures = 0
          turn.node = node
          turn.state = 'ready'
          metrics.counter(`p2p/sources/${name}/nodes`).add()
          await new Promise<void>((resolve) => {
            turn.onTaken = resolve
            changed()
          })
        })
        turn.state = 'ended'
        changed()
        return
      } catch (err) {
        const retryMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++)
        logger.warn({ source: name, err, retryMs }, 'A source of nodes failed')
        metrics.counter(`p2p/sources/${name}/errors`).add()
        turn.state = 'resting'
        changed()
        await sleep(clock, retryMs, { signal }).catch(() => undefined)
      }
    }
  }

  function take(turn: Turn): NodeAddress {
    const { node, onTaken } = turn
    turn.node = undefined
    turn.state = 'reading'
    turn.onTaken = undefined
    onTaken?.()
    return node as NodeAddress
  }

  /** The first after `last`, in order, of which `is` holds. */
  function after(last: number, is: (turn: Turn) => boolean): number | undefined {
    for (let step = 1; step <= turns.length; step++) {
      const index = (last + step) % turns.length
      if (is(turns[index] as Turn)) return index
    }
    return undefined
  }

  let last = -1
  async function next(): Promise<NodeAddress | undefined> {
    while (!signal.aborted && turns.some(({ state }) => state !== 'ended')) {
      const chosen = after(last, ({ state }) => state === 'reading' || state === 'ready')
      if (chosen === undefined) {
        await change()
        continue
      }
      last = chosen
      const turn = turns[chosen] as Turn
      const untilMs = clock.monotonicMs() + turn.patienceMs
      for (let leftMs = turn.patienceMs; turn.state === 'reading' && leftMs > 0 && !signal.aborted; ) {
        await change(leftMs)
        leftMs = untilMs - clock.monotonicMs()
      }
      if (turn.state === 'ready') {
        turn.patienceMs = patienceMs
        return take(turn)
      }
      if (turn.state !== 'reading') continue
      turn.patienceMs /= 2
      for (;;) {
        const ready = after(chosen, ({ state }) => state === 'ready')
        if (ready !== undefined) return take(turns[ready] as Turn)
        if (signal.aborted || turns.every(({ state }) => state === 'ended')) break
        await change()
      }
    }
    return undefined
  }

  const onAbort = (): void => {
    changed()
    for (const { onTaken } of turns) onTaken?.()
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const reading = Promise.all(turns.map(readOn))
  for (;;) {
    await sink.room()
    const node = await next()
    if (node === undefined) break
    await sink.put(node)
  }
  await reading
}
