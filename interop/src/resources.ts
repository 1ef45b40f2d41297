import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json } from './rpc.ts'

let janitor: ChildProcess | undefined

/** Tells the janitor, which cleans up after this process has ended. */
function tellJanitor(line: string): void {
  if (janitor === undefined) {
    // Detached, as Ctrl-C in a terminal goes to the whole group.
    janitor = spawn(process.execPath, [fileURLToPath(new URL('./janitor.ts', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    })
    janitor.unref()
    const { stdin } = janitor
    if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  }
  janitor.stdin?.write(`${line}\n`)
}

/** A directory that is removed when the test process has ended. */
export function temporaryDirectory(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `ethwire-interop-${name}-`))
  tellJanitor(`+dir ${dir}`)
  return dir
}

/** TCP ports on loopback that nobody listens on now. Somebody may a moment later: whoever uses them tries again then. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ port: 0, host: '127.0.0.1' }, resolve)
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port')
    ports.push(address.port)
  }
  for (const server of servers) server.close()
  return ports
}

const maxLogLines = 2000

export interface RunningProcess {
  readonly pid: number
  /** The last lines of its standard output and error. */
  logs(): string
  /** Its exit, as text, or undefined while it runs. */
  ended(): string | undefined
  /** Sends a signal and waits for the end; SIGKILL follows when that takes too long, and an error is thrown. */
  end(signal: NodeJS.Signals, timeoutMs: number): Promise<void>
  /** Tells a program something that was started with `onMessage`. */
  send(message: Json): void
}

export interface ProcessOptions {
  /** Called with what the program, one of Node's, says over IPC. Without it there is no such channel. */
  readonly onMessage?: (message: Json) => void
}

/** Starts a program that will not outlive the test process. */
export function startProcess(command: string, args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const { onMessage } = options
  const channel = onMessage === undefined ? [] : ['ipc' as const]
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', ...channel] })
  if (onMessage !== undefined) child.on('message', (message) => onMessage(message as Json))
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} does not start: is it built?`)
  tellJanitor(`+pid ${pid}`)

  const lines: string[] = [] // bounded: maxLogLines
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    stream.setEncoding('utf8')
    let rest = ''
    stream.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
      if (lines.length > maxLogLines) lines.splice(0, lines.length - maxLogLines)
    })
  }

  let ended: string | undefined
  const exit = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      const finish = (): void => {
        ended = code === null ? `signal ${signal}` : `exit code ${code}`
        tellJanitor(`-pid ${pid}`)
        resolve()
      }
      // Its last words are read first, unless a child of its own keeps the pipes open.
      const timer = setTimeout(finish, 500)
      child.once('close', () => {
        clearTimeout(timer)
        finish()
      })
    })
  })

  return {
    pid,
    logs: () => lines.join('\n'),
    ended: () => ended,
    send: (message) => void child.send(message as object),
    end: async (signal, timeoutMs) => {
      if (ended !== undefined) return
      child.kill(signal)
      let late = false
      const timer = setTimeout(() => {
        late = true
        child.kill('SIGKILL')
      }, timeoutMs)
      await exit
      clearTimeout(timer)
      if (late)
        throw new Error(`${command} did not end within ${timeoutMs} ms of ${signal}\n${lines.slice(-30).join('\n')}`)
    },
  }
}
