import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Where the Go module is, and the commands are run that build it. */
export const interopDir: string = join(import.meta.dirname, '..')

const binary = (name: string): string => join(interopDir, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

export const gethPath: string = binary('geth')
export const devp2pPath: string = binary('devp2p')
export const chaingenPath: string = binary('chaingen')
export const peerEventsPath: string = binary('peerevents')

const appDir = join(interopDir, '..', 'apps', 'node')

/** The entry of the reference client, as it is built for users. */
export const ethwireCliPath: string = join(appDir, 'dist', 'cli.js')

/** The chain that `npm start` shows: `genesis.json` and `chain.rlp.gz`. */
export const sampleChain: { genesis: string; chain: string; networkId: number } = {
  genesis: join(appDir, 'sample-chain', 'genesis.json'),
  chain: join(appDir, 'sample-chain', 'chain.rlp.gz'),
  networkId: 1337702,
}

/** geth's own test chain of 600 blocks, used where Go keeps the module. */
export function gethTestChain(): { genesis: string; chain: string; networkId: number } {
  const args = ['list', '-m', '-f', '{{.Dir}}', 'github.com/ethereum/go-ethereum']
  const dir = execFileSync('go', args, { cwd: interopDir, encoding: 'utf8' }).trim()
  const testdata = join(dir, 'cmd', 'devp2p', 'internal', 'ethtest', 'testdata')
  const networkId = 3503995874084926
  return { genesis: join(testdata, 'genesis.json'), chain: join(testdata, 'chain.rlp'), networkId }
}
