import type { ChainConfig } from '@ethwire/chain'
import type { ChainReader, ForkContext } from './chain-reader.ts'
import type { EthPeer } from './eth-peer.ts'

/** What geth's `admin_nodeInfo` shows of eth. */
export interface EthNodeInfo {
  readonly network: number
  readonly genesis: string
  readonly config: Readonly<Record<string, unknown>>
  readonly head: string
}

/** What geth's `admin_peers` shows of eth. */
export interface EthPeerInfo {
  readonly version: number
  readonly earliestBlock: number
  readonly latestBlock: number
  readonly latestBlockHash: string
}

/** Our side of eth, in geth's shape. */
export function ethNodeInfo(
  network: bigint,
  { config, genesis, chain }: ForkContext & { readonly chain: Pick<ChainReader, 'head'> },
): EthNodeInfo {
  return {
    network: Number(network),
    genesis: hex(genesis.hash),
    config: chainConfigJson(config),
    head: hex(chain.head().hash),
  }
}

/** A peer's side of eth, in geth's shape. */
export function ethPeerInfo({ version, range }: EthPeer): EthPeerInfo {
  return {
    version,
    earliestBlock: Number(range.earliestBlock),
    latestBlock: Number(range.latestBlock),
    latestBlockHash: hex(range.latestBlockHash),
  }
}

/** The names of geth's genesis.json, with JSON's numbers. */
function chainConfigJson(config: ChainConfig): Record<string, unknown> {
  const json: Record<string, unknown> = { chainId: Number(config.chainId) }
  for (const [fork, number] of Object.entries(config.blockForks)) json[`${fork}Block`] = Number(number)
  if (config.blockForks.daoFork !== undefined) json.daoForkSupport = true
  for (const [fork, time] of Object.entries(config.timeForks)) json[`${fork}Time`] = Number(time)
  if (config.terminalTotalDifficulty !== undefined) {
    json.terminalTotalDifficulty = Number(config.terminalTotalDifficulty)
  }
  if (config.engine !== undefined) json[config.engine] = {}
  const schedule = Object.entries(config.blobSchedule).map(([fork, { target, max, baseFeeUpdateFraction }]) => [
    fork,
    { target, max, baseFeeUpdateFraction: Number(baseFeeUpdateFraction) },
  ])
  if (schedule.length > 0) json.blobSchedule = Object.fromEntries(schedule)
  return json
}

function hex(bytes: Uint8Array): string {
  let digits = '0x'
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0')
  return digits
}
