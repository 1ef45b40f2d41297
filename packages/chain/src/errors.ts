/**
 * - `CHAIN_RLP`: bytes that are not the RLP of what they should be; `cause` is the `RlpError`
 * - `CHAIN_TRANSACTION`, `CHAIN_SIGNATURE`, `CHAIN_RECEIPT`: the right RLP with a content that is not allowed
 * - `CHAIN_BLOCK_TOO_LARGE`, `CHAIN_BLOCK_TRUNCATED`: a block file's block over its bound, or a file that ends inside one
 * - `CHAIN_GENESIS`, `CHAIN_CONFIG`: a genesis file or its `config` that cannot be used
 * - `CHAIN_PARENT_HASH`, `CHAIN_NUMBER`, `CHAIN_TIMESTAMP`, `CHAIN_GAS_LIMIT`, `CHAIN_GAS_USED`, `CHAIN_BASE_FEE`,
 *   `CHAIN_DIFFICULTY`, `CHAIN_NONCE`, `CHAIN_EXTRA_DATA`, `CHAIN_BLOB_GAS`: the header rule that was broken
 * - `CHAIN_FORK_FIELD`: a header field that the active fork requires is missing, or one is there too early
 * - `CHAIN_OMMERS_HASH`, `CHAIN_TRANSACTIONS_ROOT`, `CHAIN_WITHDRAWALS_ROOT`, `CHAIN_RECEIPTS_ROOT`: a body or receipt
 *   list that does not belong to its header
 */
export type ChainErrorCode =
  | 'CHAIN_RLP'
  | 'CHAIN_TRANSACTION'
  | 'CHAIN_SIGNATURE'
  | 'CHAIN_RECEIPT'
  | 'CHAIN_BLOCK_TOO_LARGE'
  | 'CHAIN_BLOCK_TRUNCATED'
  | 'CHAIN_GENESIS'
  | 'CHAIN_CONFIG'
  | 'CHAIN_PARENT_HASH'
  | 'CHAIN_NUMBER'
  | 'CHAIN_TIMESTAMP'
  | 'CHAIN_GAS_LIMIT'
  | 'CHAIN_GAS_USED'
  | 'CHAIN_BASE_FEE'
  | 'CHAIN_DIFFICULTY'
  | 'CHAIN_NONCE'
  | 'CHAIN_EXTRA_DATA'
  | 'CHAIN_BLOB_GAS'
  | 'CHAIN_FORK_FIELD'
  | 'CHAIN_OMMERS_HASH'
  | 'CHAIN_TRANSACTIONS_ROOT'
  | 'CHAIN_WITHDRAWALS_ROOT'
  | 'CHAIN_RECEIPTS_ROOT'

/** Chain data that is malformed or against a rule. `code` is the contract; the message says what was expected. */
export class ChainError extends Error {
  readonly code: ChainErrorCode

  constructor(code: ChainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ChainError'
    this.code = code
  }
}
