import type { Clock } from '@ethwire/io'
import { createRate, type Rate } from '../rate.ts'
import { callBatch } from './rpc-client.ts'

/** What is known of one node of the devnet, by asking it. */
export interface NodeState {
  readonly name: string
  /** Whether it holds the chain from the start. */
  readonly isSource: boolean
  readonly pid: number
  /** 0 until it is known. */
  readonly port: number
  readonly height: number
  readonly headHash: string
  readonly peers: number
  readonly perSecond: number
  /** How long it took from the first block to the head it has now; undefined as long as it has none. */
  readonly syncMs: number | undefined
}

export interface WatchedNode {
  state(): NodeState
  /** Asks the node how it is; a node that does not answer keeps its last state. */
  poll(): Promise<void>
}

export interface WatchedNodeOptions {
  readonly name: string
  readonly isSource: boolean
  readonly pid: number
  readonly port: number
  readonly rpcUrl: string
  readonly clock: Clock
}

const rateSpanMs = 2_000

export function watchNode({ name, isSource, pid, port, rpcUrl, clock }: WatchedNodeOptions): WatchedNode {
  const rate: Rate = createRate(rateSpanMs)
  const startMs = clock.monotonicMs()
  let [height, peers, headHash] = [0, 0, '']
  let reachedMs: number | undefined
  return {
    state: () => ({
      ...{ name, isSource, pid, port, height, headHash, peers },
      perSecond: rate.perSecond(),
      syncMs: reachedMs === undefined ? undefined : reachedMs - startMs,
    }),
    async poll() {
      const [head, count] = await callBatch(rpcUrl, [
        ['eth_getBlockByNumber', ['latest', false]],
        ['net_peerCount', []],
      ]).catch(() => [])
      if (head === undefined) return
      const { number, hash } = head as { number: string; hash: string }
      const now = clock.monotonicMs()
      if (Number(number) > height) reachedMs = now
      ;[height, peers, headHash] = [Number(number), Number(count), hash]
      rate.observe(height, now)
    },
  }
}
