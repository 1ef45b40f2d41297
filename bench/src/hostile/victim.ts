import { fileURLToPath } from 'node:url'
import { type Ethwire, startEthwire } from '@ethwire/interop/ethwire-process'
import { type RunningProcess, startProcess } from '@ethwire/interop/resources'
import type { Json } from '@ethwire/interop/rpc'
import { copyDirectory } from '../pull-chain.ts'
import type { ProbeFigures, ProbeRequest } from './probe-messages.ts'
import { forgetPeak, type ProcessFigures, processFigures, waitedForCpuMs } from './proc.ts'
import type { VictimChain } from './victim-chain.ts'

export interface VictimOptions {
  readonly maxPeers: number
  /** `ulimit -n` */
  readonly openFiles?: number
  /** Node discovery, which only knows those that come to it, and metrics at a free port. */
  readonly discovers?: boolean
}

/** What the node used, and how its loop ran. */
export interface Figures extends ProbeFigures, ProcessFigures {
  /** How long it had to wait for a processor since `forget`. */
  readonly waitedForCpuMs: number
}

/** The node that is attacked: the built program as users run it, with a probe inside. */
export interface Victim extends AsyncDisposable {
  readonly node: Ethwire
  /** Begins delays and peak memory anew. */
  forget(): void
  figures(): Promise<Figures>
  /** Its exit, as text, or undefined while it runs. */
  ended(): string | undefined
}

const probe = fileURLToPath(new URL('./probe.ts', import.meta.url))
const answerMs = 5_000
/**
 * As the program's README says for Linux: else glibc keeps what is freed, and V8 the room for new objects that it made when
 * there were many, for as long as anything goes on; memory would come back from no load whatever.
 */
const environment = 'MALLOC_TRIM_THRESHOLD_=131072 NODE_OPTIONS=--max-semi-space-size=8'

export async function startVictim(
  chain: VictimChain,
  { maxPeers, openFiles, discovers = false }: VictimOptions,
): Promise<Victim> {
  let running: RunningProcess | undefined
  let nextId = 0
  // bounded: one for each call of figures(), which the bench makes one after the other
  const waiting = new Map<number, (figures: ProbeFigures) => void>()
  const onMessage = (message: Json): void => {
    const figures = message as unknown as ProbeFigures
    if (figures.type === 'probe:figures') waiting.get(figures.id)?.(figures)
  }
  const start = (command: string, args: readonly string[]): RunningProcess => {
    const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles} && `
    const script = `${limit}${environment} exec "$@"`
    running = startProcess('/bin/sh', ['-c', script, 'sh', command, '--import', probe, ...args], { onMessage })
    return running
  }
  const node = await startEthwire({
    genesis: chain.genesis,
    networkId: chain.networkId,
    datadir: copyDirectory(chain.datadir, 'victim'),
    receipts: true,
    args: ['--maxpeers', String(maxPeers), ...(discovers ? ['--metrics', '--metrics.port', '0'] : [])],
    ...(discovers && { discovery: { bootnodes: [] } }),
    start,
  })
  const tell = (request: ProbeRequest): void => running?.send({ ...request })
  let cpuWaitBefore = waitedForCpuMs(node.pid())
  return {
    node,
    ended: () => running?.ended(),
    forget() {
      tell({ type: 'probe:reset' })
      forgetPeak(node.pid())
      cpuWaitBefore = waitedForCpuMs(node.pid())
    },
    async figures() {
      const id = nextId++
      const { promise, resolve, reject } = Promise.withResolvers<ProbeFigures>()
      waiting.set(id, resolve)
      const timer = setTimeout(() => reject(new Error(`the node's probe does not answer\n${node.logs()}`)), answerMs)
      try {
        tell({ type: 'probe:read', id })
        const figures = await promise
        return { ...figures, ...processFigures(node.pid()), waitedForCpuMs: waitedForCpuMs(node.pid()) - cpuWaitBefore }
      } finally {
        clearTimeout(timer)
        waiting.delete(id)
      }
    },
    [Symbol.asyncDispose]: () => node.kill(),
  }
}
