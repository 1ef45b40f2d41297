import { execFile } from 'node:child_process'
import { devp2pPath } from './paths.ts'

export interface Output {
  code: number
  stdout: string
  stderr: string
}

/** Runs geth's `devp2p` tool, for example `devp2p('rlpx', 'ping', enode)`. */
export function devp2p(...args: string[]): Promise<Output> {
  return new Promise((resolve) => {
    execFile(devp2pPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })
}
