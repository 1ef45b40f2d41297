import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chaingenPath } from './paths.ts'
import { temporaryDirectory } from './resources.ts'

export interface ChainOptions {
  blocks: number
  /** Transactions per block, on average. */
  txs: number
  /** A random one by default. */
  seed?: number
  forkSchedule?: 'prague' | 'osaka'
}

export interface GeneratedChain {
  seed: number
  genesis: string
  chain: string
  networkId: number
  headNumber: number
  headHash: string
}

const run = promisify(execFile)

/** Generates a chain in a temporary directory. */
export async function generateChain(options: ChainOptions): Promise<GeneratedChain> {
  const { blocks, txs, seed = randomInt(2 ** 32), forkSchedule = 'prague' } = options
  const dir = temporaryDirectory('chain')
  const args = ['--seed', String(seed), '--blocks', String(blocks), '--txs', String(txs), '--out', dir]
  const { stdout } = await run(chaingenPath, [...args, '--fork-schedule', forkSchedule])
  const { chainId, headNumber, headHash } = JSON.parse(stdout) as {
    chainId: number
    headNumber: number
    headHash: string
  }
  const [genesis, chain] = [join(dir, 'genesis.json'), join(dir, 'chain.rlp')]
  return { seed, genesis, chain, networkId: chainId, headNumber, headHash }
}
