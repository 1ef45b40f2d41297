import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { interopDir } from '@ethwire/interop/paths'

/** go-ethereum as the lines call it; the version that `interop/go.mod` names. */
export const gethName = 'geth 1.17.8'

const binary = (name: string): string => join(interopDir, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

export const rlpxbenchPath: string = binary('rlpxbench')
export const pullbenchPath: string = binary('pullbench')
export const v4benchPath: string = binary('v4bench')
export const v4swarmPath: string = binary('v4swarm')
export const swarmPath: string = binary('swarm')
export const p2phostPath: string = binary('p2phost')
export const tablebenchPath: string = binary('tablebench')
export const udpfloodPath: string = binary('udpflood')

/** Builds the Go programs that measure go-ethereum: minutes the first time, a second later on. */
export function buildGoPrograms(...names: readonly string[]): void {
  const packages = names.map((name) => `./cmd/${name}`)
  const { status, error } = spawnSync('go', ['build', '-buildvcs=false', '-o', 'bin/', ...packages], {
    cwd: interopDir,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0)
    throw new Error(`go could not build ${names.join(', ')}: ${error?.message ?? `exit code ${status}`}`)
}
