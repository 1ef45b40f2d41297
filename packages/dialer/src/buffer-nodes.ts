import type { Clock } from '@ethwire/io'
import { type NodeProvider, type NodeSource, offers, toProvider } from './node-source.ts'
import { nodesFrom, readNodes } from './read-nodes.ts'

/** As many nodes as geth keeps of each kind of discovery. */
const BUFFERED_NODES = 32

export interface BufferNodesOptions {
  readonly clock: Clock
  /** How many nodes to have at hand, default 32. */
  readonly size?: number
}

/** A source read ahead, so that a slow one has something to give when it is asked. */
export function bufferNodes(source: NodeSource, { clock, size = BUFFERED_NODES }: BufferNodesOptions): NodeProvider {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`size must be an integer from 1, got ${size}`)
  const provider = toProvider(source)
  return {
    ...offers(provider),
    nodes: ({ signal } = {}) =>
      nodesFrom((sink) => readNodes(provider, { clock, signal: sink.signal }, sink.put), size, signal && { signal }),
  }
}
