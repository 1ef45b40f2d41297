import type { NodeAddress, NodeRecord } from '@ethwire/enr'
import { type AsyncQueue, type Clock, createAsyncQueue, sleep } from '@ethwire/io'
import { type NodeProvider, type SourceCallOptions, toNodeAddress } from './node-source.ts'

/** A source may answer without ever waiting for anything; read on and on, it would leave no time to anybody else. */
const BURST_NODES = 64
const BURST_MS = 250

/**
 * Calls `onNode` for each node of a source, one after the other, at most 64 in 250 ms. Resolves when the source has ended
 * or the signal has aborted, also while the source is silent; then the source is left by its iterator's `return()`.
 * Rejects with what the source or `onNode` throws.
 */
export async function readNodes(
  source: NodeProvider,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  onNode: (node: NodeAddress) => void | Promise<void>,
): Promise<void> {
  if (signal.aborted) return
  const iterator = source.nodes({ signal })[Symbol.asyncIterator]()
  let hasEnded = false
  let burstStartMs = clock.monotonicMs()
  let burst = 0
  // One listener for all nodes: a walk may bring hundreds in a second.
  let giveUp: (() => void) | undefined
  const onAbort = (): void => giveUp?.()
  signal.addEventListener('abort', onAbort, { once: true })
  const next = (): Promise<IteratorResult<NodeAddress | NodeRecord> | undefined> =>
    new Promise((resolve, reject) => {
      giveUp = () => resolve(undefined)
      iterator.next().then(resolve, reject)
    })
  try {
    for (;;) {
      const result = await next()
      if (result === undefined || signal.aborted) return
      if (result.done) {
        hasEnded = true
        return
      }
      await onNode(toNodeAddress(result.value))
      if (signal.aborted) return
      if (++burst < BURST_NODES) continue
      const restMs = burstStartMs + BURST_MS - clock.monotonicMs()
      if (restMs > 0) await sleep(clock, restMs, { signal })
      burstStartMs = clock.monotonicMs()
      burst = 0
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!hasEnded) leave(iterator)
  }
}

/** Not awaited: a generator that waits for something answers only when it has got it. What it throws then is nobody's concern. */
function leave(iterator: AsyncIterator<unknown>): void {
  Promise.resolve()
    .then(() => iterator.return?.())
    .catch(() => undefined)
}

/** Where the nodes go that a {@link nodesFrom} loop finds. */
export interface NodeSink {
  /** Hands over a node; resolves when there is room for it. Rejects when nobody reads any more. */
  put(node: NodeAddress): Promise<void>
  /** Resolves when there is room for a node. Rejects when nobody reads any more. */
  room(): Promise<void>
  /** Aborts when nobody reads any more. */
  readonly signal: AbortSignal
}

/**
 * Nodes from a loop that runs beside its reader, at most `ahead` nodes ahead of it. Each iteration starts the loop anew;
 * it ends when the loop does, and leaving it, or the caller's signal, ends the loop.
 */
export function nodesFrom(
  run: (sink: NodeSink) => Promise<void>,
  ahead: number,
  { signal }: SourceCallOptions = {},
): AsyncIterable<NodeAddress> {
  return { [Symbol.asyncIterator]: () => startLoop(run, ahead, signal) }
}

function startLoop(
  run: (sink: NodeSink) => Promise<void>,
  ahead: number,
  signal: AbortSignal | undefined,
): AsyncQueue<NodeAddress> {
  const left = new AbortController()
  // bounded: one for each node that the loop holds while there is no room
  const waiting: (() => void)[] = []
  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume()
  }
  const leave = (): void => void queue.return?.()
  // bounded: `ahead` nodes
  const queue = createAsyncQueue<NodeAddress>({
    maxItems: ahead,
    onTake: wake,
    onLeave: () => {
      signal?.removeEventListener('abort', leave)
      left.abort()
      wake()
    },
  })
  const room = async (): Promise<void> => {
    while (!left.signal.aborted && queue.size >= ahead) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    }
    left.signal.throwIfAborted()
  }
  const sink: NodeSink = {
    room,
    async put(node) {
      while (!queue.push(node)) await room()
    },
    signal: left.signal,
  }
  if (signal?.aborted) leave()
  else {
    signal?.addEventListener('abort', leave, { once: true })
    run(sink).then(
      () => queue.end(),
      (error: unknown) => queue.fail(error),
    )
  }
  return queue
}
