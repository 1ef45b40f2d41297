import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { chaingenPath, gethPath, interopDir } from '@ethwire/interop/paths'
import { temporaryDirectory } from '@ethwire/interop/resources'

/** A chain and a go-ethereum that has it. */
export interface PullChain {
  readonly genesis: string
  readonly networkId: number
  readonly blocks: number
  readonly transactions: number
  readonly headHash: string
  /** A data directory of geth's, to be copied before it is used. */
  readonly gethDatadir: string
}

const blocks = 20_000
const transactionsPerBlock = 6
const seed = 9

const run = promisify(execFile)
const cache = join(interopDir, '..', 'node_modules', '.cache', 'ethwire-bench')

/** The chain to be pulled. Making it takes a minute or two, so that it is kept for the next time. */
export async function preparePullChain(): Promise<PullChain> {
  const dir = join(cache, `chain-${blocks}-${transactionsPerBlock}-${seed}`)
  if (!existsSync(dir)) await makeChain(dir)
  const summary = JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8')) as {
    chainId: number
    headNumber: number
    headHash: string
    txs: number
  }
  return {
    genesis: join(dir, 'genesis.json'),
    networkId: summary.chainId,
    blocks: summary.headNumber,
    transactions: summary.txs,
    headHash: summary.headHash,
    gethDatadir: join(dir, 'geth'),
  }
}

/** A copy of a directory that is removed in the end. */
export function copyDirectory(dir: string, name: string): string {
  const copy = temporaryDirectory(name)
  cpSync(dir, copy, { recursive: true })
  return copy
}

async function makeChain(dir: string): Promise<void> {
  console.error(`Generating ${blocks} blocks and importing them into geth; once, it takes a minute or two…`)
  const part = `${dir}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(dirname(dir), { recursive: true })
  const size = ['--seed', String(seed), '--blocks', String(blocks), '--txs', String(transactionsPerBlock)]
  const { stdout } = await run(chaingenPath, [...size, '--out', part])
  writeFileSync(join(part, 'summary.json'), stdout)
  const datadir = ['--datadir', join(part, 'geth')]
  const { chainId } = JSON.parse(stdout) as { chainId: number }
  const maxBuffer = 64 * 1024 * 1024
  await run(gethPath, [...datadir, 'init', join(part, 'genesis.json')], { maxBuffer })
  await run(gethPath, [...datadir, '--networkid', String(chainId), 'import', join(part, 'chain.rlp')], { maxBuffer })
  rmSync(join(part, 'chain.rlp'))
  renameSync(part, dir)
}
