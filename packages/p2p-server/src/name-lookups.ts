import type { Clock, Logger, Resolver } from '@ethwire/io'
import type { NodeSet } from './node-set.ts'

/** How long an answer is taken for good. */
const LOOKUP_INTERVAL_MS = 600_000

/** The addresses of one name that are kept. */
const MAX_ADDRESSES = 8

export interface NameLookupsOptions {
  readonly resolver: Resolver
  readonly clock: Pick<Clock, 'setTimer'>
  readonly logger: Logger
  /** Ends them. */
  readonly signal: AbortSignal
}

/**
 * Looks up what the host names of nodes stand for, and again every 10 minutes: one that dials us is known by nothing but its
 * address until it has proved its key. What it returns looks up the names of a node that was added.
 */
export function startNameLookups(
  sets: readonly NodeSet[],
  { resolver, clock, logger, signal }: NameLookupsOptions,
): (set: NodeSet, nodeId: string) => void {
  let timer: { cancel(): void } | undefined
  signal.addEventListener('abort', () => timer?.cancel(), { once: true })

  /** Never rejects. */
  async function lookUp(set: NodeSet, nodeId: string): Promise<void> {
    const ips: string[] = []
    for (const host of set.hostsOf(nodeId)) {
      try {
        ips.push(...(await resolver.addresses(host, { signal })).slice(0, MAX_ADDRESSES))
      } catch (err) {
        // What it stood for before may be right still.
        if (!signal.aborted) logger.debug({ id: nodeId, host, err }, 'The name of a node was not found')
        return
      }
    }
    set.learn(nodeId, ips)
  }

  function lookUpLater(): void {
    timer ??= clock.setTimer(LOOKUP_INTERVAL_MS, () => {
      timer = undefined
      lookUpAll()
    })
  }

  function lookUpAll(): void {
    for (const set of sets) for (const nodeId of set.named()) added(set, nodeId)
  }

  function added(set: NodeSet, nodeId: string): void {
    if (signal.aborted || set.hostsOf(nodeId).length === 0) return
    void lookUp(set, nodeId)
    lookUpLater()
  }

  lookUpAll()
  return added
}
