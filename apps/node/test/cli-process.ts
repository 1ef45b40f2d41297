import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { packageFile } from '../src/package-file.ts'

/** A run of the program in a process of its own, from source. */
export interface CliProcess {
  readonly child: ChildProcess
  /** Standard output and error so far. */
  output(): string
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
  /** Resolves when the output has this text; rejects if the process ends without. */
  said(text: string): Promise<void>
}

/** Starts `ethwire ARGS`; killed when the test is over. */
export function startCli(...args: string[]): CliProcess {
  return startCliWith({}, ...args)
}

/** The same with variables of its environment. */
export function startCliWith(env: Readonly<Record<string, string>>, ...args: string[]): CliProcess {
  return start(process.execPath, [...program, ...args], env)
}

/** The same with no more than so many descriptors, where a shell has `ulimit`. */
export function startCliWithin(descriptors: number, ...args: string[]): CliProcess {
  const limited = `ulimit -n ${descriptors}; exec "$0" "$@"`
  return start('/bin/sh', ['-c', limited, process.execPath, ...program, ...args], {})
}

const program = ['--conditions=@ethwire/source', packageFile('src/cli.ts')]

function start(command: string, args: readonly string[], env: Readonly<Record<string, string>>): CliProcess {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', DEBUG: '', ...env },
  })
  let output = ''
  // bounded: one for each wait of a test
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      output += chunk
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, output }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    output: () => output,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!output.includes(text)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
        ended.then(() => reject(new Error(`it ended without saying "${text}":\n${output}`)))
      }),
  }
}

/** Runs `ethwire ARGS` to its end. */
export function runCli(...args: string[]): CliProcess['ended'] {
  return startCli(...args).ended
}
