import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { swarmPath } from '../go.ts'

/** What the Go program is told; its `main.go` says more. */
type SwarmCommand =
  | { readonly do: 'join'; readonly count: number }
  | { readonly do: 'ping'; readonly sessions: number; readonly intervalMs: number; readonly seconds: number }
  | {
      readonly do: 'ask'
      readonly sessions: number
      readonly intervalMs: number
      readonly seconds: number
      readonly handshakes: number
    }
  | { readonly do: 'leave'; readonly keep: number }

/** What came of it. */
export interface SwarmAnswer {
  readonly live: number
  readonly lost?: Readonly<Record<string, number>>
  readonly seconds: number
  readonly answered: number
  readonly unanswered: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly handshakes: number
  readonly handshakeP99Ms: number
  readonly refused?: Readonly<Record<string, number>>
}

/** Peers in a process of their own, on geth's `p2p/rlpx`. */
export interface SwarmProcess extends Disposable {
  readonly pid: number
  tell(command: SwarmCommand): Promise<SwarmAnswer>
}

export function startSwarm(enode: string): SwarmProcess {
  const child = spawn(swarmPath, ['-target', enode], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const { pid } = child
  if (pid === undefined) throw new Error(`${swarmPath} does not start: is it built?`)
  return {
    pid,
    async tell(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('the swarm ended')
      return JSON.parse(value) as SwarmAnswer
    },
    [Symbol.dispose]: () => child.stdin.end(),
  }
}
