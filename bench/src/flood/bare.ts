import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type FloodOptions, prepareFlood } from './flooder.ts'

const program = fileURLToPath(new URL('./bare-socket.ts', import.meta.url))

/** The share of a core that a socket takes which is flooded in a process that does nothing else. */
export async function bareSocketCpu(options: FloodOptions): Promise<number> {
  const child = fork(program)
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    const cpuMs = async (): Promise<number> => {
      const answered = once(child, 'message')
      child.send({ type: 'bare:use' })
      const [{ cpuMs: used }] = (await answered) as [{ cpuMs: number }]
      return used
    }
    using flooder = await prepareFlood(port, options)
    const before = await cpuMs()
    const start = performance.now()
    await flooder.run()
    return ((await cpuMs()) - before) / (performance.now() - start)
  } finally {
    child.kill('SIGKILL')
  }
}
