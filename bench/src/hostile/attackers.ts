import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { AttackReport } from './attack.ts'
import type { AttackOrder } from './attacker.ts'
import { goBehind } from './priority.ts'

const program = fileURLToPath(new URL('./attacker.ts', import.meta.url))
/** Beyond the attack's own time. */
const patienceMs = 15_000

/** Runs an attack in a process of its own, which is gone when this resolves. */
export async function runAttack(order: AttackOrder): Promise<AttackReport> {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), order.durationMs + patienceMs)
  try {
    if (child.pid !== undefined) goBehind(child.pid)
    child.send(order)
    const reported = once(child, 'message').then(([report]) => report as AttackReport)
    const ended = exited.then(([code]) => Promise.reject(new Error(`the attacker ended with ${code}`)))
    ended.catch(() => undefined)
    const report = await Promise.race([reported, ended])
    await exited
    return report
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}
