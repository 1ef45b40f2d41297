import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { udpfloodPath } from '../go.ts'

export interface FloodOptions {
  readonly mode: 'bad-signature' | 'valid-signature-no-bond' | 'garbage'
  /** Addresses that packets come from. */
  readonly sources: number
  /** Bits that the addresses have alike: 9 to 24. */
  readonly prefix: number
  readonly rate: number
  readonly seconds: number
}

/** What was sent. */
export interface Flooded {
  readonly sent: number
  readonly rate: number
}

/** A sender with its packets made. */
export interface Flooder extends Disposable {
  /** One of its addresses. */
  readonly source: string
  /** Floods for as long as it was told. */
  run(): Promise<Flooded>
}

export async function prepareFlood(port: number, options: FloodOptions): Promise<Flooder> {
  const { mode, sources, prefix, rate, seconds } = options
  const numbers = { rate, sources, prefix }
  const args = Object.entries(numbers).flatMap(([name, value]) => [`-${name}`, String(value)])
  const child = spawn(udpfloodPath, ['-target', `127.0.0.1:${port}`, '-mode', mode, '-time', `${seconds}s`, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    const next = async (): Promise<unknown> => {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`udpflood ended: ${await exitOf(child)}`)
      return JSON.parse(value)
    }
    const { source } = (await next()) as { source: string }
    return {
      source,
      async run() {
        child.stdin.write('\n')
        return (await next()) as Flooded
      },
      [Symbol.dispose]: () => child.kill('SIGKILL'),
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

async function exitOf(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode === null ? `${child.signalCode}` : `exit code ${child.exitCode}`
}
