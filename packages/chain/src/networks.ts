import { hexToBytes } from '@noble/hashes/utils.js'
import type { BlobFork, BlobParameters, ChainConfig } from './config.ts'
import type { Genesis } from './genesis.ts'

/** A public network: what a node must know to take part. */
export interface Network {
  readonly name: string
  readonly networkId: bigint
  readonly genesisHash: Uint8Array
  readonly config: ChainConfig
  /** Knows its state root instead of the accounts. */
  readonly genesis: Genesis
}

// Source of all values: go-ethereum v1.17.8, params/chainspecs/*.json, params/config.go and core/genesis.go.

const blobSchedule: Readonly<Partial<Record<BlobFork, BlobParameters>>> = {
  cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477n },
  prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716n },
  bpo1: { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193n },
  bpo2: { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671n },
}

/** Test networks begin with London's rules. */
const fromLondon = {
  homestead: 0n,
  eip150: 0n,
  eip155: 0n,
  eip158: 0n,
  byzantium: 0n,
  constantinople: 0n,
  petersburg: 0n,
  istanbul: 0n,
  muirGlacier: 0n,
  berlin: 0n,
  london: 0n,
} as const

const noGenesisFields = {
  extraData: new Uint8Array(0),
  mixHash: new Uint8Array(32),
  coinbase: new Uint8Array(20),
  parentHash: new Uint8Array(32),
  alloc: [],
  number: 0n,
  gasUsed: 0n,
} as const

const mainnetConfig: ChainConfig = {
  chainId: 1n,
  engine: 'ethash',
  terminalTotalDifficulty: 58_750_000_000_000_000_000_000n,
  blockForks: {
    homestead: 1_150_000n,
    daoFork: 1_920_000n,
    eip150: 2_463_000n,
    eip155: 2_675_000n,
    eip158: 2_675_000n,
    byzantium: 4_370_000n,
    constantinople: 7_280_000n,
    petersburg: 7_280_000n,
    istanbul: 9_069_000n,
    muirGlacier: 9_200_000n,
    berlin: 12_244_000n,
    london: 12_965_000n,
    arrowGlacier: 13_773_000n,
    grayGlacier: 15_050_000n,
  },
  timeForks: {
    shanghai: 1_681_338_455n,
    cancun: 1_710_338_135n,
    prague: 1_746_612_311n,
    osaka: 1_764_798_551n,
    bpo1: 1_765_290_071n,
    bpo2: 1_767_747_671n,
  },
  blobSchedule,
}

export const mainnet: Network = {
  name: 'mainnet',
  networkId: 1n,
  genesisHash: hexToBytes('d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3'),
  config: mainnetConfig,
  genesis: {
    ...noGenesisFields,
    config: mainnetConfig,
    nonce: 66n,
    timestamp: 0n,
    extraData: hexToBytes('11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa'),
    gasLimit: 5000n,
    difficulty: 17_179_869_184n,
    stateRoot: hexToBytes('d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544'),
  },
}

const sepoliaConfig: ChainConfig = {
  chainId: 11_155_111n,
  engine: 'ethash',
  terminalTotalDifficulty: 17_000_000_000_000_000n,
  blockForks: { ...fromLondon, mergeNetsplit: 1_735_371n },
  timeForks: {
    shanghai: 1_677_557_088n,
    cancun: 1_706_655_072n,
    prague: 1_741_159_776n,
    osaka: 1_760_427_360n,
    bpo1: 1_761_017_184n,
    bpo2: 1_761_607_008n,
    amsterdam: 1_791_294_816n,
  },
  blobSchedule,
}

export const sepolia: Network = {
  name: 'sepolia',
  networkId: 11_155_111n,
  genesisHash: hexToBytes('25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9'),
  config: sepoliaConfig,
  genesis: {
    ...noGenesisFields,
    config: sepoliaConfig,
    nonce: 0n,
    timestamp: 1_633_267_481n,
    extraData: new TextEncoder().encode('Sepolia, Athens, Attica, Greece!'),
    gasLimit: 30_000_000n,
    difficulty: 131_072n,
    stateRoot: hexToBytes('5eb6e371a698b8d68f665192350ffcecbbbf322916f4b51bd79bb6887da3f494'),
  },
}

const hoodiConfig: ChainConfig = {
  chainId: 560_048n,
  engine: 'ethash',
  terminalTotalDifficulty: 0n,
  blockForks: { ...fromLondon, mergeNetsplit: 0n },
  timeForks: {
    shanghai: 0n,
    cancun: 0n,
    prague: 1_742_999_832n,
    osaka: 1_761_677_592n,
    bpo1: 1_762_365_720n,
    bpo2: 1_762_955_544n,
  },
  blobSchedule,
}

export const hoodi: Network = {
  name: 'hoodi',
  networkId: 560_048n,
  genesisHash: hexToBytes('bbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b'),
  config: hoodiConfig,
  genesis: {
    ...noGenesisFields,
    config: hoodiConfig,
    nonce: 0x1234n,
    timestamp: 1_742_212_800n,
    gasLimit: 36_000_000n,
    difficulty: 1n,
    stateRoot: hexToBytes('da87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576'),
  },
}
