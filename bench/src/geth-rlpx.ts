import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { rlpxbenchPath } from './go.ts'
import type { Contender } from './measure.ts'

/** What rlpxbench is to measure; its `main.go` says more. */
interface GethRequest {
  readonly bench: 'handshakes' | 'frames'
  readonly link: 'memory' | 'tcp'
  readonly size?: number
  readonly file?: string
  readonly snappy?: boolean
}

/** A running rlpxbench. */
export interface GethRlpx extends Disposable {
  contender(request: GethRequest): Contender
}

/** Starts the program that measures geth's `p2p/rlpx`. */
export function startGethRlpx(): GethRlpx {
  const child = spawn(rlpxbenchPath, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    contender: (request) => ({
      async rate(durationMs) {
        child.stdin.write(`${JSON.stringify({ ...request, ms: durationMs })}\n`)
        const { value, done } = await lines.next()
        if (done) throw new Error('rlpxbench ended')
        return (JSON.parse(value) as { perSecond: number }).perSecond
      },
    }),
    [Symbol.dispose]: () => child.stdin.end(),
  }
}
