import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { tablebenchPath } from './go.ts'
import type { Contender } from './measure.ts'

/** What tablebench is to measure; its `main.go` says more. */
interface GethTableRequest {
  readonly bench: 'add' | 'known' | 'closest'
  /** Offered to a table. */
  readonly nodes: number
}

/** A running tablebench. */
export interface GethTable extends Disposable {
  contender(request: GethTableRequest): Contender
  /** IDs of what a table holds that was offered so many nodes, and of the closest to the first target. */
  check(nodes: number): Promise<unknown>
}

/** Starts the program that measures geth's routing table. */
export function startGethTable(): GethTable {
  const child = spawn(tablebenchPath, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (request: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('tablebench ended')
    return JSON.parse(value)
  }
  return {
    contender: (request) => ({
      rate: async (durationMs) => ((await ask({ ...request, ms: durationMs })) as { perSecond: number }).perSecond,
    }),
    check: (nodes) => ask({ bench: 'check', nodes }),
    [Symbol.dispose]: () => child.stdin.end(),
  }
}
