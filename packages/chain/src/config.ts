/** Forks that a block number starts, in their order. */
export const blockForks = [
  'homestead',
  'daoFork',
  'eip150',
  'eip155',
  'eip158',
  'byzantium',
  'constantinople',
  'petersburg',
  'istanbul',
  'muirGlacier',
  'berlin',
  'london',
  'arrowGlacier',
  'grayGlacier',
  'mergeNetsplit',
] as const

/** Forks that a timestamp starts, in their order. `bpo` forks change nothing but the blob parameters (EIP-7892). */
export const timeForks = [
  'shanghai',
  'cancun',
  'prague',
  'osaka',
  'bpo1',
  'bpo2',
  'bpo3',
  'bpo4',
  'bpo5',
  'amsterdam',
  'bogota',
  'ubt',
] as const

/** Forks that may come with blob parameters of their own; later ones keep those of the last of these before them. */
export const blobForks = ['cancun', 'prague', 'bpo1', 'bpo2', 'bpo3', 'bpo4', 'bpo5'] as const

export type BlockFork = (typeof blockForks)[number]
export type TimeFork = (typeof timeForks)[number]
export type BlobFork = (typeof blobForks)[number]
export type Fork = BlockFork | TimeFork

/** EIP-4844's parameters since EIP-7840. */
export interface BlobParameters {
  /** Blobs per block that keep the price. */
  readonly target: number
  /** Blobs per block at most. */
  readonly max: number
  readonly baseFeeUpdateFraction: bigint
}

/** The rules of a chain, by fork; a fork that is absent is not planned. */
export interface ChainConfig {
  readonly chainId: bigint
  readonly blockForks: Readonly<Partial<Record<BlockFork, bigint>>>
  /** Seconds since 1970. */
  readonly timeForks: Readonly<Partial<Record<TimeFork, bigint>>>
  readonly blobSchedule: Readonly<Partial<Record<BlobFork, BlobParameters>>>
  readonly terminalTotalDifficulty?: bigint
  /** Which engine made blocks before the merge. */
  readonly engine?: 'ethash' | 'clique'
}

/** A place in the chain, as forks need it. */
export interface ChainPosition {
  readonly number: bigint
  readonly timestamp: bigint
}

/** Whether a fork's rules hold for the block at this place. Forks by time need London, too, as in geth. */
export function isActive(config: ChainConfig, fork: Fork, at: ChainPosition): boolean {
  if (isTimeFork(fork)) {
    const time = config.timeForks[fork]
    const { london } = config.blockForks
    return time !== undefined && time <= at.timestamp && london !== undefined && london <= at.number
  }
  const block = config.blockForks[fork]
  if (block === undefined && fork === 'petersburg') return isActive(config, 'constantinople', at)
  return block !== undefined && block <= at.number
}

/** The blob parameters for a block, or undefined before Cancun or without a schedule. */
export function blobParameters(config: ChainConfig, at: ChainPosition): BlobParameters | undefined {
  for (const fork of blobForks.toReversed()) {
    const parameters = config.blobSchedule[fork]
    if (parameters !== undefined && isActive(config, fork, at)) return parameters
  }
  return undefined
}

const timeForkNames: ReadonlySet<Fork> = new Set(timeForks)

function isTimeFork(fork: Fork): fork is TimeFork {
  return timeForkNames.has(fork)
}
