import {
  type BlobFork,
  type BlobParameters,
  type BlockFork,
  blobForks,
  blockForks,
  type ChainConfig,
  type TimeFork,
  timeForks,
} from './config.ts'
import { type JsonReader, readJson } from './json.ts'

/**
 * Reads the `config` object of geth's genesis.json: `chainId`, `londonBlock`, `cancunTime`, `blobSchedule` and so on.
 * Keys that it does not know are ignored, as in geth.
 * @throws ChainError `CHAIN_CONFIG`
 */
export function parseChainConfig(json: unknown): ChainConfig {
  const reader = readJson(json, 'config', 'CHAIN_CONFIG')
  const chainId = reader.quantity('chainId', 64) ?? reader.fail('chainId is missing')
  const terminalTotalDifficulty = reader.quantity('terminalTotalDifficulty', 256)
  const engine =
    reader.child('clique') !== undefined ? 'clique' : reader.child('ethash') !== undefined ? 'ethash' : undefined
  return {
    chainId,
    blockForks: readForks<BlockFork>(reader, blockForks, 'Block'),
    timeForks: readForks<TimeFork>(reader, timeForks, 'Time'),
    blobSchedule: readBlobSchedule(reader.child('blobSchedule')),
    ...(terminalTotalDifficulty === undefined ? {} : { terminalTotalDifficulty }),
    ...(engine === undefined ? {} : { engine }),
  }
}

function readForks<F extends string>(
  reader: JsonReader,
  forks: readonly F[],
  suffix: string,
): Partial<Record<F, bigint>> {
  const starts: Partial<Record<F, bigint>> = {}
  for (const fork of forks) {
    const start = reader.quantity(`${fork}${suffix}`, 64)
    if (start !== undefined) starts[fork] = start
  }
  return starts
}

function readBlobSchedule(reader: JsonReader | undefined): Partial<Record<BlobFork, BlobParameters>> {
  const schedule: Partial<Record<BlobFork, BlobParameters>> = {}
  for (const fork of blobForks) {
    const entry = reader?.child(fork)
    if (entry === undefined) continue
    const target = entry.quantity('target', 16)
    const max = entry.quantity('max', 16)
    const baseFeeUpdateFraction = entry.quantity('baseFeeUpdateFraction', 64)
    if (
      target === undefined ||
      max === undefined ||
      baseFeeUpdateFraction === undefined ||
      baseFeeUpdateFraction === 0n
    ) {
      return entry.fail('expected target, max and a baseFeeUpdateFraction above 0')
    }
    schedule[fork] = { target: Number(target), max: Number(max), baseFeeUpdateFraction }
  }
  return schedule
}
