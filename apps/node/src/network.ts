import { readFile } from 'node:fs/promises'
import {
  type ChainConfig,
  type GenesisBlock,
  genesisBlock,
  hoodi,
  mainnet,
  parseGenesis,
  sepolia,
} from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import { NodeError, reasonOf } from './errors.ts'
import type { NetworkChoice } from './options/common.ts'

/** The chain that a node is for. */
export interface ChosenNetwork {
  readonly name: string
  /** Whether strangers take part in it: what they say about the head is not to be relied upon. */
  readonly isPublic: boolean
  /** The network ID where nothing else is said. */
  readonly networkId: bigint
  readonly config: ChainConfig
  readonly genesis: GenesisBlock
}

const publicNetworks = { mainnet, sepolia, hoodi }

/** @throws NodeError `NODE_GENESIS` */
export async function loadNetwork(choice: NetworkChoice, crypto: Crypto): Promise<ChosenNetwork> {
  if ('name' in choice) {
    const { name, networkId, config, genesis } = publicNetworks[choice.name]
    return { name, isPublic: true, networkId, config, genesis: genesisBlock(genesis, crypto) }
  }
  const { genesisFile } = choice
  try {
    const genesis = parseGenesis(await readFile(genesisFile, 'utf8'))
    const { config } = genesis
    const name = `chain ${config.chainId}`
    return { name, isPublic: false, networkId: config.chainId, config, genesis: genesisBlock(genesis, crypto) }
  } catch (error) {
    throw new NodeError('NODE_GENESIS', `cannot use the genesis ${genesisFile}: ${reasonOf(error)}`, { cause: error })
  }
}
