import { type Clock, type Random, randomFraction, sleep } from '@ethwire/io'

/** geth forgets a dial after 35 s and may dial again then; a public peer refuses the same address for 30 s. */
const REDIAL_MS = 35_000
/** Nodes of the same machine or network don't refuse, so the first redials come sooner. */
const LOCAL_REDIAL_MS = 1_000
/** A connection that ends sooner came to nothing: a node of another network drops us each time it has seen our Status. */
const SHORT_LIVED_MS = 10_000
/** Of the delay, how much is left to chance: two nodes that clash must not clash again at the same moment. */
const JITTER = 0.5

/** Keeps static nodes connected. */
export interface StaticNodes<N> {
  /** Dials at once, and again whenever the node is not connected. Adding twice changes nothing. */
  add(nodeId: string, node: N): void
  /** Dials no more; false if it was none of them. */
  remove(nodeId: string): boolean
  has(nodeId: string): boolean
  /** Gives up all. */
  close(): void
}

/** What keeping nodes connected needs. */
export interface StaticNodesOptions<N> {
  readonly clock: Clock
  readonly random: Random
  /** One attempt; resolves with whether it succeeded, never rejects. */
  connect(node: N, signal: AbortSignal): Promise<boolean>
  isConnected(nodeId: string): boolean
  /** Resolves when no such peer is connected. */
  gone(nodeId: string): Promise<void>
  /** Whether the node is on this machine or in its local network. */
  isLocal(node: N): boolean
  /** Told what should not happen: an exception of `connect` or `gone`. */
  onError(error: unknown): void
}

/** Makes an empty set of static nodes. */
export function createStaticNodes<N>(options: StaticNodesOptions<N>): StaticNodes<N> {
  const { clock, random } = options
  // bounded: by what the server's user adds
  const nodes = new Map<string, AbortController>()

  async function keepConnected(nodeId: string, node: N, signal: AbortSignal): Promise<void> {
    let failures = 0
    let connectedAtMs: number | undefined
    for (let attempt = 0; ; attempt++) {
      await options.gone(nodeId)
      if (connectedAtMs !== undefined) {
        failures = clock.monotonicMs() - connectedAtMs < SHORT_LIVED_MS ? failures + 1 : 0
        connectedAtMs = undefined
      }
      if (attempt > 0) {
        const delayMs = redialDelayMs(failures, options.isLocal(node)) * (1 + JITTER * randomFraction(random))
        await sleep(clock, delayMs, { signal })
      }
      if (signal.aborted) return
      // Meanwhile the node may have dialled us.
      if (options.isConnected(nodeId)) continue
      if (await options.connect(node, signal)) connectedAtMs = clock.monotonicMs()
      else failures++
    }
  }

  return {
    add(nodeId, node) {
      if (nodes.has(nodeId)) return
      const controller = new AbortController()
      nodes.set(nodeId, controller)
      keepConnected(nodeId, node, controller.signal).catch((error: unknown) => {
        if (!controller.signal.aborted) options.onError(error)
      })
    },
    remove(nodeId) {
      nodes.get(nodeId)?.abort()
      return nodes.delete(nodeId)
    },
    has: (nodeId) => nodes.has(nodeId),
    close() {
      for (const controller of nodes.values()) controller.abort()
      nodes.clear()
    },
  }
}

function redialDelayMs(failures: number, isLocal: boolean): number {
  return isLocal ? Math.min(REDIAL_MS, LOCAL_REDIAL_MS * 2 ** failures) : REDIAL_MS
}
