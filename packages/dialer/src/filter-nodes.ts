import type { NodeAddress } from '@ethwire/enr'
import { type Clock, type Logger, onAbort, silentLogger } from '@ethwire/io'
import { MAX_ANSWER } from './ask-sources.ts'
import { attempt } from './attempt.ts'
import { type NodeProvider, type NodeSource, offers, type SourceCallOptions, toProvider } from './node-source.ts'
import { type NodeSink, nodesFrom, readNodes } from './read-nodes.ts'

/** As many checks of one source run at a time as geth runs. */
const PARALLEL_CHECKS = 16
const CHECK_TIMEOUT_MS = 15_000

export interface FilterNodesOptions {
  readonly clock: Clock
  /** Checks that may run at once, default 16. */
  readonly parallel?: number
  /** A check that takes longer refuses its node; so long the nodes of a lookup have to tell their records. Default 15 s. */
  readonly timeoutMs?: number
  /** Told each node that is refused. */
  readonly onRefused?: (node: NodeAddress) => void
  readonly logger?: Logger
}

/** Whether a node may pass. What it throws refuses the node. */
export type NodeCheck = (node: NodeAddress, options: { readonly signal: AbortSignal }) => boolean | PromiseLike<boolean>

/**
 * The nodes of a source that pass a check. Checks that answer later run several at a time, so that nodes come in the
 * order in which they pass. What lookups find is held to the check as well; as that comes without records, nodes are asked
 * for theirs first, if the source has `requestEnr`. So are random nodes of the source's table, where a check that answers
 * later refuses; what `resolve` finds is not: whoever asks for a node wants that node.
 */
export function filterNodes(source: NodeSource, check: NodeCheck, options: FilterNodesOptions): NodeProvider {
  const provider = toProvider(source)
  const { parallel = PARALLEL_CHECKS, timeoutMs = CHECK_TIMEOUT_MS, clock, logger = silentLogger } = options
  if (!Number.isInteger(parallel) || parallel < 1)
    throw new RangeError(`parallel must be an integer from 1, got ${parallel}`)
  const passing = (source: NodeProvider, { signal }: SourceCallOptions = {}): AsyncIterable<NodeAddress> =>
    nodesFrom((sink) => filter(source, check, { ...options, parallel }, sink), 1, signal && { signal })
  const { lookup, readRandomNodes, requestEnr, ...others } = offers(provider)

  /** The node with its record, where it tells that. */
  async function withRecord(node: NodeAddress, signal: AbortSignal): Promise<NodeAddress> {
    if (node.record !== undefined || requestEnr === undefined) return node
    const record = await attempt((stop) => requestEnr(node, { signal: stop }), undefined, {
      ...{ clock, signal },
      onError: (err) => logger.debug({ id: node.nodeIdHex, err }, 'A node does not tell its record'),
    })
    if (record?.nodeIdHex !== node.nodeIdHex) return node
    return {
      ...node,
      record,
      get enr() {
        return record.text
      },
    }
  }

  async function withRecords(found: readonly NodeAddress[], signal: AbortSignal): Promise<readonly NodeAddress[]> {
    const nodes = found.slice(0, MAX_ANSWER)
    const late = new AbortController()
    const timer = clock.setTimer(timeoutMs, () => late.abort(new Error(`no record within ${timeoutMs} ms`)))
    const stop = AbortSignal.any([signal, late.signal])
    let next = 0
    const askInTurn = async (): Promise<void> => {
      while (next < nodes.length) {
        const index = next++
        nodes[index] = await withRecord(nodes[index] as NodeAddress, stop)
      }
    }
    await Promise.all(Array.from({ length: parallel }, askInTurn))
    timer.cancel()
    return nodes
  }

  return {
    ...others,
    nodes: (callOptions) => passing(provider, callOptions),
    ...(lookup !== undefined && {
      async lookup(target, callOptions) {
        const { signal = new AbortController().signal } = callOptions ?? {}
        const found = await withRecords(await lookup(target, callOptions), signal)
        const passed: NodeAddress[] = []
        for await (const node of passing({ nodes: () => listed(found) }, callOptions)) passed.push(node)
        return passed
      },
    }),
    ...(readRandomNodes !== undefined && {
      readRandomNodes: (count) => readRandomNodes(count).filter((node) => passesNow(node, check, options)),
    }),
  }
}

async function* listed(nodes: readonly NodeAddress[]): AsyncGenerator<NodeAddress> {
  yield* nodes
}

/** Whether a node passes a check without a wait. */
function passesNow(node: NodeAddress, check: NodeCheck, { onRefused, logger }: FilterNodesOptions): boolean {
  const stop = new AbortController()
  try {
    const verdict = check(node, { signal: stop.signal })
    if (typeof verdict !== 'boolean') {
      verdict.then(undefined, (err: unknown) =>
        logger?.debug({ id: node.nodeIdHex, err }, 'The check of a node failed'),
      )
      stop.abort(new Error('nobody waits for the answer'))
    }
    if (verdict === true) return true
  } catch (err) {
    logger?.debug({ id: node.nodeIdHex, err }, 'The check of a node failed')
  }
  onRefused?.(node)
  return false
}

async function filter(
  provider: NodeProvider,
  check: NodeCheck,
  options: FilterNodesOptions & { readonly parallel: number },
  sink: NodeSink,
): Promise<void> {
  const { clock, parallel, timeoutMs = CHECK_TIMEOUT_MS, onRefused, logger = silentLogger } = options
  // bounded: `parallel`
  const running = new Set<Promise<void>>()

  const failed = (node: NodeAddress, err: unknown): boolean => {
    logger.debug({ id: node.nodeIdHex, err }, 'The check of a node failed')
    return false
  }
  const pass = async (node: NodeAddress, passes: boolean): Promise<void> => {
    if (passes) await sink.put(node)
    else onRefused?.(node)
  }

  /** Never rejects: whoever stops reading ends it. */
  async function finish(node: NodeAddress, verdict: PromiseLike<boolean>, stop: AbortController): Promise<void> {
    const timer = clock.setTimer(timeoutMs, () => stop.abort(new Error(`no answer within ${timeoutMs} ms`)))
    const forget = onAbort(sink.signal, () => stop.abort(sink.signal.reason))
    try {
      const passes = await new Promise<boolean>((resolve) => {
        stop.signal.addEventListener('abort', () => resolve(failed(node, stop.signal.reason)), { once: true })
        verdict.then(resolve, (err: unknown) => resolve(failed(node, err)))
      })
      timer.cancel()
      if (!sink.signal.aborted) await pass(node, passes)
    } catch (err) {
      if (!sink.signal.aborted) failed(node, err)
    } finally {
      timer.cancel()
      forget()
    }
  }

  await readNodes(provider, { clock, signal: sink.signal }, async (node) => {
    const stop = new AbortController()
    let verdict: boolean | PromiseLike<boolean>
    try {
      verdict = check(node, { signal: stop.signal })
    } catch (err) {
      verdict = failed(node, err)
    }
    if (typeof verdict === 'boolean') {
      await pass(node, verdict)
      return
    }
    const finishing = finish(node, verdict, stop).finally(() => running.delete(finishing))
    running.add(finishing)
    while (running.size >= parallel) await Promise.race(running)
  })
  await Promise.all(running)
}
