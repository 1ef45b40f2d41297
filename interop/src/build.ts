import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { ethwireCliPath, interopDir } from './paths.ts'

const neededGo = { major: 1, minor: 25 }

const packages = [
  'github.com/ethereum/go-ethereum/cmd/geth',
  'github.com/ethereum/go-ethereum/cmd/devp2p',
  './cmd/chaingen',
  './cmd/peerevents',
]

/**
 * Builds geth, devp2p and programs of our own that use geth's packages into `bin/`: minutes the first time, under a second when they are up to date.
 * vitest calls it once, before any test.
 */
export function setup(): void {
  checkGo()
  buildPeers()
  if (!existsSync(ethwireCliPath)) {
    throw new Error(`${ethwireCliPath} is missing: build the node first (npm run build)`)
  }
}

/** Builds the binaries; a script that needs no node of ours calls it alone. */
export function buildPeers(): void {
  const { status, error } = spawnSync('go', ['build', '-buildvcs=false', '-o', 'bin/', ...packages], {
    cwd: interopDir,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) {
    throw new Error(`go could not build go-ethereum's programs: ${error?.message ?? `exit code ${status}`}`)
  }
}

function checkGo(): void {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { cwd: interopDir, encoding: 'utf8' })
  const needed = `the interop tests build go-ethereum and need Go ${neededGo.major}.${neededGo.minor} or later`
  if (status !== 0) throw new Error(`${needed}; there is no working "go" on PATH`)
  const match = /go(\d+)\.(\d+)/.exec(stdout)
  if (match === null) return // a development version
  const [major, minor] = [Number(match[1]), Number(match[2])]
  if (major < neededGo.major || (major === neededGo.major && minor < neededGo.minor)) {
    throw new Error(`${needed}; "go" on PATH is ${stdout.trim()}`)
  }
}
