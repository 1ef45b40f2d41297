import type { ChainConfig } from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import { blockJson, type StoredBlock } from './block-json.ts'
import { type BlockReference, parseBlockHash, parseBlockNumber, parseBlockNumberOrHash } from './block-tag.ts'
import { hexQuantity } from './hex.ts'
import { expectArgument, type RpcNamespace, taking } from './methods.ts'
import { receiptsJson } from './receipt-json.ts'
import { rpcError } from './rpc-error.ts'

/** The chain as this namespace needs it. */
export interface RpcChain {
  /** Number of the last canonical block. */
  headNumber(): number
  blockByNumber(number: number): Promise<StoredBlock | undefined>
  blockByHash(hash: Uint8Array): Promise<StoredBlock | undefined>
  /** RLP in eth/69 form, or why there is none. */
  receipts(hash: Uint8Array): Promise<Uint8Array | { readonly unavailable: string }>
}

/** How far a running synchronisation is. */
export interface SyncProgress {
  readonly startingBlock: number
  readonly currentBlock: number
  readonly highestBlock: number
}

export interface EthOptions {
  readonly chain: RpcChain
  readonly config: ChainConfig
  readonly crypto: Crypto
  /** Undefined when nothing is being synced. */
  syncProgress(): SyncProgress | undefined
}

/** geth also tells of state that is downloaded, healed and indexed; there is none here. */
const stateProgress = [
  'syncedAccounts',
  'syncedAccountBytes',
  'syncedBytecodes',
  'syncedBytecodeBytes',
  'syncedStorage',
  'syncedStorageBytes',
  'healedTrienodes',
  'healedTrienodeBytes',
  'healedBytecodes',
  'healedBytecodeBytes',
  'healingTrienodes',
  'healingBytecode',
  'syncedAccessLists',
  'totalAccessLists',
  'trieGenProgress',
  'txIndexFinishedBlocks',
  'txIndexRemainingBlocks',
  'stateIndexRemaining',
  'trienodeIndexRemaining',
] as const

/** The `eth` namespace: what can be answered from headers, bodies and receipts. */
export function ethNamespace({ chain, config, crypto, syncProgress }: EthOptions): RpcNamespace {
  const context = { chainId: config.chainId, config, crypto }

  /** Undefined if there is no such block. */
  async function find(reference: BlockReference): Promise<StoredBlock | undefined> {
    if (reference.kind === 'hash') return await chain.blockByHash(reference.hash)
    if (reference.kind === 'number') return await chain.blockByNumber(reference.number)
    switch (reference.tag) {
      case 'latest':
        return await chain.blockByNumber(chain.headNumber())
      case 'earliest':
        return await chain.blockByNumber(0)
      case 'pending':
        throw rpcError('failed', 'pending block is not available')
      default:
        // Which blocks are safe or final is known to a consensus client, which this node has none of.
        throw rpcError('failed', `${reference.tag} block not found`)
    }
  }

  async function block(reference: BlockReference, full: unknown): Promise<object | null> {
    expectArgument(full, 1)
    if (typeof full !== 'boolean')
      throw rpcError('params', 'invalid argument 1: expected true for whole transactions or false for their hashes')
    const found = await find(reference)
    return found === undefined ? null : blockJson(found, full, context)
  }

  return {
    chainId: taking(0, () => hexQuantity(config.chainId)),
    blockNumber: taking(0, () => hexQuantity(chain.headNumber())),
    syncing: taking(0, () => {
      const progress = syncProgress()
      if (progress === undefined) return false
      return {
        startingBlock: hexQuantity(progress.startingBlock),
        currentBlock: hexQuantity(progress.currentBlock),
        highestBlock: hexQuantity(progress.highestBlock),
        ...Object.fromEntries(stateProgress.map((key) => [key, '0x0'])),
      }
    }),
    getBlockByNumber: taking(2, ([number, full]) => block(parseBlockNumber(number), full)),
    getBlockByHash: taking(2, ([hash, full]) => block({ kind: 'hash', hash: parseBlockHash(hash) }, full)),
    getBlockReceipts: taking(1, async ([reference]) => {
      const found = await find(parseBlockNumberOrHash(reference))
      if (found === undefined) return null
      const receipts = await chain.receipts(found.hash)
      if (receipts instanceof Uint8Array) return receiptsJson(found, receipts, context)
      throw rpcError('failed', `receipts unavailable: ${receipts.unavailable}`)
    }),
  }
}
