import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Output } from './devp2p.ts'
import { ethwireCliPath } from './paths.ts'

/** How to run `ethwire ARGS`: as its users have it. */
export function ethwireCommand(...args: string[]): [command: string, args: string[]] {
  return [process.execPath, [...nodeFlags(), ethwireCliPath, ...args]]
}

/** Runs `ethwire ARGS` to its end, for example `ethwire('discv4', 'ping', enode)`. */
export function ethwire(...args: string[]): Promise<Output> {
  return new Promise((resolve) => {
    execFile(...ethwireCommand(...args), { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })
}

/** The flags for Node that the program's first line asks for: where it is installed, its users have them. */
function nodeFlags(): string[] {
  const [firstLine = ''] = readFileSync(ethwireCliPath, 'utf8').split('\n', 1)
  return firstLine.startsWith('#!') ? firstLine.split(' ').filter((word) => word.startsWith('--')) : []
}
