/**
 * Ethereum's chain as bytes: headers, bodies, transactions, receipts and withdrawals with their hashes and roots,
 * genesis, chain configurations, fork IDs and header rules. Everything stays in the bytes it came in and is decoded only
 * where a field is asked for.
 *
 * @module
 */
export { type BlockParts, encodeBlock, splitBlock } from './block.ts'
export { type BlockFileDecoder, type BlockFileDecoderOptions, createBlockFileDecoder } from './block-file.ts'
export { type BloomBuilder, createBloomBuilder } from './bloom.ts'
export {
  type BodyParts,
  encodeBody,
  maxTransactions,
  splitBody,
  transactionsRoot,
  verifyBody,
  withdrawalsRoot,
} from './body.ts'
export {
  type BlobFork,
  type BlobParameters,
  type BlockFork,
  blobParameters,
  type ChainConfig,
  type ChainPosition,
  type Fork,
  isActive,
  type TimeFork,
} from './config.ts'
export { parseChainConfig } from './config-json.ts'
export {
  decodeConsensusReceipt,
  encodeConsensusReceipt,
  logsBloom,
  type ReceiptWithBloom,
  receiptsRoot,
  toConsensusReceipt,
  verifyReceipts,
} from './consensus-receipt.ts'
export { ChainError, type ChainErrorCode } from './errors.ts'
export { blobBaseFee, gasPerBlob, nextBaseFee, nextExcessBlobGas } from './fees.ts'
export { createForkFilter, type ForkId, type ForkIdGenesis, type ForkVerdict, forkId, forkIdSchema } from './fork-id.ts'
export { type Genesis, type GenesisBlock, genesisBlock } from './genesis.ts'
export { parseGenesis } from './genesis-json.ts'
export type { Hasher } from './hasher.ts'
export {
  decodeHeader,
  encodeHeader,
  type Header,
  headerHash,
  headerParentHash,
  headerSchema,
  maxHeaderBytes,
} from './header.ts'
export { type HashedHeader, type HeaderRules, verifyHeader } from './header-rules.ts'
export { hoodi, mainnet, type Network, sepolia } from './networks.ts'
export { orderedRoot } from './ordered-root.ts'
export {
  decodeReceipt,
  decodeReceipts,
  encodeReceipt,
  type Log,
  type Receipt,
  splitReceipts,
} from './receipt.ts'
export { recoverSender, signingHash, transactionChainId } from './sender.ts'
export { type GenesisAccount, stateRoot } from './state-root.ts'
export {
  type AccessListEntry,
  type AccessListTransaction,
  type Authorization,
  type BlobTransaction,
  decodeTransaction,
  type FeeMarketTransaction,
  type LegacyTransaction,
  type SetCodeTransaction,
  type Transaction,
} from './transaction.ts'
export { transactionEnvelope, transactionHash, transactionItem } from './transaction-bytes.ts'
export { emptyListHash, emptyRoot } from './well-known.ts'
export { decodeWithdrawal, encodeWithdrawal, type Withdrawal } from './withdrawal.ts'
