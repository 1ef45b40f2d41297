import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeClock } from '@ethwire/io/node'
import { NodeError } from '../errors.ts'
import type { ReadyMessage } from '../run.ts'

/** A process of our own program. */
export interface NodeProcess {
  readonly pid: number
  /** Rejects if the process ends before it is there. */
  readonly ready: Promise<ReadyMessage>
  /** Resolves with how it ended. */
  readonly ended: Promise<string>
  /** Asks it to end, and insists after some seconds. Idempotent. */
  stop(): Promise<void>
}

export interface NodeProcessOptions {
  readonly name: string
  readonly args: readonly string[]
  /** Where its output goes, into `log`. */
  readonly directory: string
}

/** A node closes its store within 5 s. */
const stopMs = 6_000

/** Starts `ethwire ARGS`. It hears when this process is gone, and ends then. */
export async function startProcess({ name, args, directory }: NodeProcessOptions): Promise<NodeProcess> {
  await mkdir(directory, { recursive: true })
  const logFile = join(directory, 'log')
  const log = await open(logFile, 'a')
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], {
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(code === null ? `signal ${signal}` : `exit code ${code}`))
  }).finally(() => log.close())
  const ready = new Promise<ReadyMessage>((resolve, reject) => {
    child.once('message', (message) => resolve(message as ReadyMessage))
    ended.then(async (how) => {
      reject(new NodeError('NODE_DEVNET', `${name} ended with ${how}: ${await lastLine(logFile)} (${logFile})`))
    })
  })
  ready.catch(() => undefined)
  return { pid: child.pid ?? 0, ready, ended, stop: () => stop(child, ended) }
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  // Not a signal: after Ctrl-C in a terminal the child has had one, and would take the second as impatience.
  if (child.connected) child.disconnect()
  const insist = nodeClock.setTimer(stopMs, () => child.kill('SIGKILL'))
  await ended
  insist.cancel()
}

async function lastLine(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n')
  return lines.at(-1) ?? ''
}

/** Runs `ethwire ARGS` to its end. @throws NodeError `NODE_DEVNET` unless it ends well */
export async function runToEnd(options: NodeProcessOptions & { readonly signal: AbortSignal }): Promise<void> {
  const { name, directory, signal } = options
  const child = await startProcess(options)
  const onAbort = (): void => void child.stop()
  signal.addEventListener('abort', onAbort, { once: true })
  const how = await child.ended
  signal.removeEventListener('abort', onAbort)
  if (how !== 'exit code 0' && !signal.aborted) {
    const file = join(directory, 'log')
    throw new NodeError('NODE_DEVNET', `${name} ended with ${how}: ${await lastLine(file)} (${file})`)
  }
}
