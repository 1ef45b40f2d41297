import { equalBytes } from '@ethwire/crypto'
import { fixedBytes, type Schema, struct, u64 } from '@ethwire/rlp-codec'
import type { ChainConfig, ChainPosition } from './config.ts'
import { crc32, crc32Start } from './crc32.ts'

/** Which forks a node has passed, and the next one it knows (EIP-2124; forks by time: EIP-6122). */
export interface ForkId {
  /** 4 bytes: CRC-32 of the genesis hash and the passed forks. */
  readonly hash: Uint8Array
  /** Block or timestamp of the next fork; 0 if none is known. */
  readonly next: bigint
}

/** In a status message and in the `eth` entry of node records. */
export const forkIdSchema: Schema<ForkId> = struct({ hash: fixedBytes(4), next: u64 })

/** What of a genesis a fork ID needs. */
export interface ForkIdGenesis {
  readonly hash: Uint8Array
  readonly timestamp: bigint
}

/**
 * - `compatible`: both may be on the same chain
 * - `remote-stale`: the remote does not know of a fork that was passed here; it needs an update
 * - `incompatible`: another chain, or this node needs an update
 */
export type ForkVerdict = 'compatible' | 'remote-stale' | 'incompatible'

/** Forks of one chain, with the checksums before and after each. */
interface ForkSums {
  readonly byBlock: readonly bigint[]
  readonly byTime: readonly bigint[]
  /** Of the genesis, then after each fork: one more than there are forks. */
  readonly sums: readonly Uint8Array[]
}

/**
 * The fork ID of a node whose head is at this place.
 *
 * @example
 * import { forkId, mainnet } from '@ethwire/chain'
 *
 * const genesis = { hash: mainnet.genesisHash, timestamp: 0n }
 * const { hash, next } = forkId(mainnet.config, genesis, { number: 12_965_000n, timestamp: 1_628_166_822n })
 * console.log(Buffer.from(hash).toString('hex'), next) // b715077d 13773000n
 */
export function forkId(config: ChainConfig, genesis: ForkIdGenesis, head: ChainPosition): ForkId {
  const { byBlock, byTime, sums } = sumForks(config, genesis)
  // Forks by time come after all forks by block; one that is not passed ends the count.
  const passedBlocks = countPassed(byBlock, head.number)
  const passed = passedBlocks < byBlock.length ? passedBlocks : passedBlocks + countPassed(byTime, head.timestamp)
  return { hash: (sums[passed] as Uint8Array).slice(), next: byBlock[passed] ?? byTime[passed - byBlock.length] ?? 0n }
}

function countPassed(forks: readonly bigint[], head: bigint): number {
  const firstAhead = forks.findIndex((fork) => fork > head)
  return firstAhead < 0 ? forks.length : firstAhead
}

/** Mainnet's genesis: a `next` beyond it is a timestamp, below it a block number (geth's threshold). */
const firstTimestamp = 1_438_269_973n
const never = (1n << 64n) - 1n

/**
 * Makes the check of remote fork IDs against the chain's own forks and head (EIP-2124, "Validation rules"). The head is
 * asked for with each check, since it moves.
 */
export function createForkFilter(
  config: ChainConfig,
  genesis: ForkIdGenesis,
  head: () => ChainPosition,
): (remote: ForkId) => ForkVerdict {
  const { byBlock, byTime, sums } = sumForks(config, genesis)
  const forks = [...byBlock, ...byTime]
  // How many of the forks are compared with the block number: without forks by time, the end of the list is, too.
  const blockCompared = byTime.length === 0 ? byBlock.length + 1 : byBlock.length

  return (remote) => {
    const { number, timestamp } = head()
    const headAt = (index: number): bigint => (index < blockCompared ? number : timestamp)
    let passed = 0
    while (passed < forks.length && headAt(passed) >= (forks[passed] as bigint)) passed++
    const remotePassed = sums.findIndex((sum) => equalBytes(sum, remote.hash))
    if (remotePassed < 0) return 'incompatible'
    // Rule 1: the same forks passed. A fork that the remote expects may not lie behind us.
    if (remotePassed === passed) {
      const { next } = remote
      const behind = next > 0n && (headAt(passed) >= next || (next > firstTimestamp && timestamp >= next))
      return behind && headAt(passed) < never ? 'incompatible' : 'compatible'
    }
    // Rule 2: the remote is behind; it must know the fork that comes next for it.
    if (remotePassed < passed) return forks[remotePassed] === remote.next ? 'compatible' : 'remote-stale'
    // Rule 3: the remote is ahead along forks known here.
    return 'compatible'
  }
}

function sumForks(config: ChainConfig, genesis: ForkIdGenesis): ForkSums {
  const byBlock = distinct(Object.values(config.blockForks)).filter((fork) => fork > 0n)
  const byTime = distinct(Object.values(config.timeForks)).filter((fork) => fork > genesis.timestamp)
  let sum = crc32(crc32Start, genesis.hash)
  const sums = [sumBytes(sum)]
  for (const fork of [...byBlock, ...byTime]) {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, fork)
    sum = crc32(sum, bytes)
    sums.push(sumBytes(sum))
  }
  return { byBlock, byTime, sums }
}

function distinct(forks: readonly bigint[]): bigint[] {
  return [...new Set(forks)].sort((a, b) => (a < b ? -1 : 1))
}

function sumBytes(sum: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, sum)
  return bytes
}
