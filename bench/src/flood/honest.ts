import { fileURLToPath } from 'node:url'
import type { Ethwire } from '@ethwire/interop/ethwire-process'
import { type RunningProcess, startProcess } from '@ethwire/interop/resources'
import type { HonestAnswer, HonestFigures, HonestRequest } from './honest-messages.ts'

/** Honest nodes that speak with one under attack: one it knows, ever new ones, and a peer over RLPx. */
export interface Honest extends AsyncDisposable {
  /** What they saw since the last call. */
  take(): Promise<HonestFigures>
  /** How long it takes until a ping from an address is answered; infinite when none is. */
  ping(host: string): Promise<number>
}

const program = fileURLToPath(new URL('./honest-process.ts', import.meta.url))
const answerMs = 20_000

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never

export async function startHonest(node: Ethwire, chain: { genesis: string; networkId: number }): Promise<Honest> {
  let nextId = 0
  // bounded: one for each call, which the bench makes one after the other
  const waiting = new Map<number, (answer: HonestAnswer) => void>()
  const running: RunningProcess = startProcess(process.execPath, [...process.execArgv, program], {
    onMessage(message) {
      const answer = message as unknown as HonestAnswer
      waiting.get(answer.id)?.(answer)
    },
  })
  const ask = async (request: Unnumbered<HonestRequest>): Promise<HonestAnswer> => {
    const id = nextId++
    const { promise, resolve, reject } = Promise.withResolvers<HonestAnswer>()
    waiting.set(id, resolve)
    const silent = (): void => reject(new Error(`the honest ones do not answer\n${running.logs()}`))
    const timer = setTimeout(silent, answerMs)
    try {
      running.send({ ...request, id })
      const answer = await promise
      if (answer.type === 'honest:failed') throw new Error(`${request.type}: ${answer.reason}`)
      return answer
    } finally {
      clearTimeout(timer)
      waiting.delete(id)
    }
  }
  const end = (): Promise<void> => running.end('SIGKILL', 10_000)
  try {
    await ask({ type: 'honest:begin', enode: node.enode, genesis: chain.genesis, networkId: chain.networkId })
  } catch (error) {
    await end()
    throw error
  }
  return {
    async take() {
      const answer = await ask({ type: 'honest:take' })
      if (answer.type !== 'honest:taken') throw new Error(`expected figures, got ${answer.type}`)
      return answer.figures
    },
    async ping(host) {
      const answer = await ask({ type: 'honest:ping', host })
      return answer.type === 'honest:pinged' ? (answer.ms ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
    },
    [Symbol.asyncDispose]: end,
  }
}
